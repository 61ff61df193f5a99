//! Claims about files of settings.

use super::*;

fn lines(text: &str) -> Result<String, String> {
    let program = crate::cli::command();
    match read(Path::new("/etc/oddsock/oddsock.toml"), text, &program) {
        Ok(lines) => {
            let shown = lines.iter().map(|line| {
                let command = line.place.command.as_deref().unwrap_or("all");
                let values: Vec<_> = line.values.iter().map(|v| v.to_string_lossy()).collect();
                let key = line.place.setting.key();
                format!("{} {command} {key}={}\n", line.line, values.join("|"))
            });
            Ok(shown.collect())
        }
        Err(wrong) => {
            let shown = |e: &RuleError| format!("{}:{}: {}\n", e.line, e.column, e.message);
            Err(wrong.first.iter().map(shown).collect())
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(lines(text).as_deref(), Ok(expected), "{text}");
}

#[track_caller]
fn check_wrong(text: &str, expected: &str) {
    assert_eq!(lines(text).as_ref().map_err(String::as_str), Err(expected), "{text}");
}

#[test]
fn of_ten_thousand_errors_the_first_few_are_told_and_the_others_counted() {
    let keys = |number| (0..number).map(|n| format!("key{n} = {n}\n")).collect::<String>();
    let program = crate::cli::command();
    let wrong = |text: &str| read(Path::new("x.toml"), text, &program).unwrap_err();
    let text = format!("[replay]\n{}", keys(10_000));
    let many = wrong(&text);
    assert_eq!((many.first.len(), many.more), (8, 9992));
    assert_eq!(many.first.iter().map(|e| e.line).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8, 9]);
    let told = many.to_string();
    assert!(told.lines().count() == 33 && told.ends_with("\n9992 more errors are not shown."));
    let few = wrong(&keys(8));
    assert!(few.more == 0 && few.to_string().lines().count() == 32, "{few}");
}

#[test]
fn settings_hold_for_all_commands_or_for_one() {
    check(
        "# mine\nstate = \"/srv/a.db\"\njobs = 2\n\n[replay]\nformat = \"csv\"\nmin-score = 60.5\n",
        "2 all state=/srv/a.db\n3 all jobs=2\n6 replay format=csv\n7 replay min-score=60.5\n",
    );
    check("[replay]\nstate = \"/a\"\njobs = \"3\"\n", "2 replay state=/a\n3 replay jobs=3\n");
    check("replay.color = \"never\"", "1 replay color=never\n");
    check("", "");
}

#[test]
fn a_list_may_be_one_and_names_of_files_are_taken_from_the_folder_of_the_file() {
    check("rules = [\"a.toml\", \"/b\"]", "1 all rules=/etc/oddsock/a.toml|/b\n");
    check("rules = \"own.d\"", "1 all rules=/etc/oddsock/own.d\n");
    check("rules = []", "1 all rules=\n");
}

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_one_that_may_be_meant() {
    check_wrong(
        "color = \"auto\"\n  colour = \"auto\"",
        "2:3: \"colour\" is neither a setting nor a command that has settings; did you mean \
         \"color\"?\n",
    );
    check_wrong(
        "[replya]\nformat = \"csv\"",
        "1:2: \"replya\" is neither a setting nor a command that has settings; did you mean \
         \"replay\"?\n",
    );
    check_wrong("learn = 1", "1:1: \"learn\" is a command; write its settings below [learn]\n");
    check_wrong(
        "format = \"csv\"",
        "1:1: \"format\" is set for one command; write it below its name, such as [connections]\n",
    );
    check_wrong(
        "[learn]\nmin_score = 5",
        "2:1: \"min_score\" is no setting of oddsock learn, which has state, rules, jobs\n",
    );
    check_wrong(
        "[replay]\nmin_score = 5",
        "2:1: \"min_score\" is no setting of oddsock replay, which has state, rules, exceptions, \
         geo, color, jobs, format, min-score; did you mean \"min-score\"?\n",
    );
}

#[test]
fn a_value_is_refused_as_its_option_refuses_it() {
    check_wrong(
        "color = \"allways\"",
        "1:9: \"allways\" is no value of color; it takes auto, always, never; did you mean \
         \"always\"?\n",
    );
    check_wrong(
        "jobs = 0",
        "1:8: \"0\" is no value of jobs: not a number of workers from 1 to 256\n",
    );
    check_wrong(
        "[replay]\nmin-score = 101",
        "2:13: \"101\" is no value of min-score: not a score from 0 to 100\n",
    );
    check_wrong("color = [\"auto\"]", "1:9: color has one value and takes no list\n");
    check_wrong("color = true", "1:9: color takes text or a number\n");
    check_wrong("state = 1", "1:9: state takes the name of a file, in quotes\n");
    check_wrong("state = \"\"", "1:9: state takes the name of a file\n");
    check_wrong("rules = [\"a\", 3]", "1:15: rules takes the name of a file, in quotes\n");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    check_wrong(
        "[replay]\njobs = 0\n[learn]\nstat = 1\n",
        "2:8: \"0\" is no value of jobs: not a number of workers from 1 to 256\n4:1: \"stat\" is \
         no setting of oddsock learn, which has state, rules, jobs; did you mean \"state\"?\n",
    );
    let wrong = lines("a = \n").unwrap_err();
    assert!(wrong.starts_with("1:5: this is no TOML: "), "{wrong}");
    let wrong = lines("jobs = 1\njobs = 2\n").unwrap_err();
    assert!(wrong.starts_with("2:1: this is no TOML: duplicate key"), "{wrong}");
}
