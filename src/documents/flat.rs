//! The fields of a document, each under its whole name: `process.parent.pid`.
//!
//! Whether a document was nested, flat or a mixture of both cannot be seen here any more. A field
//! has as many values as were given, and all of them are bytes: numbers in decimal, and `true`.

/// Names and values, one after the other in one piece of memory, which serves the next document.
#[derive(Default, Debug)]
pub(super) struct Flat {
    text: Vec<u8>,
    leaves: Vec<Leaf>,
}

/// Where a name and one of its values are in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Leaf {
    mark: u32,
    name: Part,
    value: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Part {
    start: u32,
    end: u32,
}

/// How much memory the fields of a document may take. Values are no longer than the line they are
/// in, but a name is as long as those of all the objects around it.
const MOST_TEXT: usize = 4 * super::LONGEST_LINE;

impl Flat {
    /// The values of a field.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let mark = mark(name.as_bytes());
        let named = move |leaf: &&Leaf| self.is_named(**leaf, mark, name);
        self.leaves.iter().filter(named).map(|leaf| self.part(leaf.value))
    }

    /// The first value of a field.
    pub(super) fn first(&self, name: &str) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// All names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.leaves.iter().map(|leaf| (self.part(leaf.name), self.part(leaf.value)))
    }

    /// Adds a value to a field. False if there is no room for it.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) -> bool {
        if self.text.len() + name.len() + value.len() > MOST_TEXT {
            return false;
        }
        // The values of a list share their name.
        let known = self.leaves.last().filter(|leaf| self.part(leaf.name) == name);
        let (mark, name) = match known {
            Some(leaf) => (leaf.mark, leaf.name),
            None => (mark(name), self.add(name)),
        };
        let value = self.add(value);
        self.leaves.push(Leaf { mark, name, value });
        true
    }

    /// Gives a field one value in the place of those it had.
    pub(super) fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.push(name.as_bytes(), value);
    }

    /// Takes a field out.
    pub(super) fn remove(&mut self, name: &str) {
        self.change(name, |_, _| false);
    }

    /// Gives each value of a field another, or takes it out: `change` appends the new value and
    /// tells whether there is to be one.
    pub(super) fn change(&mut self, name: &str, change: impl Fn(&[u8], &mut Vec<u8>) -> bool) {
        let mark = mark(name.as_bytes());
        let first = self.leaves.iter().position(|leaf| self.is_named(*leaf, mark, name));
        let Some(first) = first else { return };
        let mut value = Vec::new();
        let mut kept = first;
        for index in first..self.leaves.len() {
            let mut leaf = self.leaves[index];
            if self.is_named(leaf, mark, name) {
                value.clear();
                if !change(self.part(leaf.value), &mut value) {
                    continue;
                }
                if self.part(leaf.value) != value {
                    leaf.value = self.add(&value);
                }
            }
            self.leaves[kept] = leaf;
            kept += 1;
        }
        self.leaves.truncate(kept);
    }

    /// Gives each value that `change` has another one for that other.
    pub(super) fn change_all(&mut self, mut change: impl FnMut(&[u8], usize) -> Option<Vec<u8>>) {
        let mut number = 0;
        for index in 0..self.leaves.len() {
            let leaf = self.leaves[index];
            let is_next = index > 0 && self.leaves[index - 1].name == leaf.name;
            number = if is_next { number + 1 } else { 0 };
            if let Some(value) = change(self.part(leaf.name), number) {
                self.leaves[index].value = self.add(&value);
            }
        }
    }

    /// Forgets everything but the memory it was in, and that too if it is much.
    pub(super) fn clear(&mut self) {
        const USUAL: usize = 64 << 10;
        self.text.clear();
        self.text.shrink_to(USUAL);
        self.leaves.clear();
        self.leaves.shrink_to(USUAL / size_of::<Leaf>());
    }

    fn is_named(&self, leaf: Leaf, mark: u32, name: &str) -> bool {
        leaf.mark == mark && self.part(leaf.name) == name.as_bytes()
    }

    fn add(&mut self, bytes: &[u8]) -> Part {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(bytes);
        Part { start, end: self.text.len() as u32 }
    }

    fn part(&self, part: Part) -> &[u8] {
        &self.text[part.start as usize..part.end as usize]
    }
}

/// What most other names do not have in common with this one: looked at before the name itself,
/// for a document is asked for many fields, most of which it lacks.
fn mark(name: &[u8]) -> u32 {
    let mixed = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first).rotate_left(5) ^ u64::from_le_bytes(*last)
        }
        _ => name.iter().fold(0, |mixed, byte| mixed << 8 | u64::from(*byte)),
    };
    ((mixed ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
