//! Takes an exception out of the file it is in.

use std::path::PathBuf;

use clap::Args;

use super::files::{self, Trouble};
use super::{Ending, Files, say};
use crate::alert::exceptions::{self, EditError};

/// Take an exception out of its file, and leave the rest of the file as it is
#[derive(Args, Debug)]
pub struct Arguments {
    /// The exception's id, as list shows it
    #[arg(value_name = "ID")]
    id: String,

    #[command(flatten)]
    files: Files,
}

pub fn run(arguments: &Arguments) -> Result<Ending, Trouble> {
    let files::Known { files, exceptions: known } =
        files::read_all(&arguments.files.exceptions, &mut |why| say(&why))?;
    let id = &arguments.id;
    let Some(exception) = known.all().iter().find(|exception| exception.id == *id) else {
        say(&format!(
            "there is no exception {id:?}; oddsock exceptions list shows those there are"
        ));
        return Ok(Ending::NothingFound);
    };
    let is_meant = |file: &&PathBuf| files::name(file) == *exception.place.file;
    let file = files.iter().find(is_meant).expect("one of the files that were read");
    files::change(file, |text| {
        exceptions::removed(&exception.place.file, text, id).map_err(Trouble::from)
    })?;
    say(&format!("removed exception {id} from {}", exception.place.file));
    Ok(Ending::Found)
}

impl From<EditError> for Trouble {
    fn from(error: EditError) -> Trouble {
        match error {
            EditError::File(error) => Trouble::Wrong(error),
            other => Trouble::Other(other.to_string()),
        }
    }
}
