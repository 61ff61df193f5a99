//! What the log is to look like, as the command line says it.
//!
//! Arguments come in; wishes go out, or a complaint. What becomes of them is not known here.

/// What the log is to look like.
pub struct Wishes {
    pub out: String,
    pub bytes: u64,
    pub enriched: bool,
    pub events_per_second: u64,
    pub interleave_percent: u64,
    /// 0: one host, and no `node=` in front of the records.
    pub nodes: usize,
    pub seed: u64,
    /// auditd leaves EOE out of its file but sends it to its plugins.
    pub eoe: bool,
}

impl Wishes {
    /// None: no file is named, or only the usage is asked for.
    pub fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut wishes = Self {
            out: String::new(),
            bytes: 256 << 20,
            enriched: true,
            events_per_second: 250,
            interleave_percent: 5,
            nodes: 0,
            seed: 1,
            eoe: false,
        };
        // cargo adds `--bench` to the arguments of a target without the standard harness.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().ok_or(format!("{argument} wants a number"))?;
                size(&value).ok_or(format!("{argument}: \"{value}\" is not a number"))
            };
            match argument.as_str() {
                "--size" => wishes.bytes = number()?,
                "--rate" => wishes.events_per_second = number()?.clamp(1, 1_000_000),
                "--interleave" => wishes.interleave_percent = number()?.min(100),
                "--nodes" => wishes.nodes = number()?.min(1000) as usize,
                "--seed" => wishes.seed = number()?,
                "--raw" => wishes.enriched = false,
                "--eoe" => wishes.eoe = true,
                "--test" | "--help" => return Ok(None),
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
                _ if wishes.out.is_empty() => wishes.out = argument,
                _ => return Err(format!("one OUT is enough, \"{argument}\" is a second")),
            }
        }
        Ok((!wishes.out.is_empty()).then_some(wishes))
    }
}

/// What the command line may say, and what is wished where it says nothing.
pub const USAGE: &str = "usage: cargo bench --bench corpus -- OUT [--size 256M] [--raw] \
                         [--rate 250] [--interleave 5] [--nodes 0] [--seed 1] [--eoe]";

/// `256M` is 256 · 2²⁰.
fn size(text: &str) -> Option<u64> {
    let shift = match text.as_bytes().last()? {
        b'K' | b'k' => 10,
        b'M' | b'm' => 20,
        b'G' | b'g' => 30,
        _ => 0,
    };
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}
