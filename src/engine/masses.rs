//! The masses of all values of a partition, in their order: how much is as rare as this or rarer.
//!
//! A sorted list in blocks. What changes in a bucket are the masses of the values seen in it; sums
//! over everything below some mass are asked for all the rare ones, out of a hundred thousand. A
//! block's sum is made anew whenever the block changes, so nothing drifts however long the fold.

/// How many masses a block has before it is halved.
const BLOCK: usize = 512;

/// Masses, sorted.
#[derive(Clone, Default, Debug)]
pub struct Masses {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
struct Block {
    masses: Vec<f64>,
    sum: f64,
}

/// How things stand at some point among the masses.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Standing {
    /// The largest mass up to there; 0 if there is none.
    pub lower: f64,
    /// The sum of all masses up to there.
    pub sum: f64,
    /// The next larger mass, and the sum of all masses up to and with it.
    pub upper: Option<(f64, f64)>,
}

impl Block {
    fn changed(&mut self) {
        self.sum = self.masses.iter().sum();
    }
}

impl Masses {
    /// Adds a mass.
    pub fn insert(&mut self, mass: f64) {
        let at = self.block_of(mass).min(self.blocks.len().saturating_sub(1));
        let Some(block) = self.blocks.get_mut(at) else {
            self.blocks.push(Block { masses: vec![mass], sum: mass });
            return;
        };
        let place = block.masses.partition_point(|known| *known < mass);
        block.masses.insert(place, mass);
        if block.masses.len() > BLOCK {
            let masses = block.masses.split_off(BLOCK / 2);
            let mut upper = Block { masses, sum: 0.0 };
            upper.changed();
            block.changed();
            self.blocks.insert(at + 1, upper);
        } else {
            block.changed();
        }
    }

    /// Takes a mass away that was added.
    ///
    /// # Panics
    ///
    /// If it was not.
    pub fn remove(&mut self, mass: f64) {
        let at = self.block_of(mass);
        let block = self.blocks.get_mut(at).expect("a mass that was added");
        let place = block.masses.partition_point(|known| *known < mass);
        assert!(block.masses.get(place) == Some(&mass), "a mass that was added");
        block.masses.remove(place);
        if block.masses.is_empty() {
            self.blocks.remove(at);
        } else {
            block.changed();
        }
    }

    /// The sum of all.
    pub fn total(&self) -> f64 {
        self.blocks.iter().map(|block| block.sum).sum()
    }

    /// How things stand at a mass.
    pub fn at(&self, mass: f64) -> Standing {
        let sum = self.up_to(mass);
        let after = self.blocks.partition_point(|block| block.masses[0] <= mass);
        let before = after.checked_sub(1).map(|at| &self.blocks[at].masses);
        let place = before.map_or(0, |block| block.partition_point(|known| *known <= mass));
        let lower = before.and_then(|block| block.get(place.wrapping_sub(1)));
        let upper = before
            .and_then(|block| block.get(place))
            .or_else(|| self.blocks.get(after).map(|block| &block.masses[0]));
        Standing {
            lower: lower.copied().unwrap_or(0.0),
            sum,
            upper: upper.map(|upper| (*upper, self.up_to(*upper))),
        }
    }

    /// The sum of all masses up to and with this.
    fn up_to(&self, mass: f64) -> f64 {
        let end = self.blocks.partition_point(|block| block.masses[0] <= mass);
        let Some(last) = end.checked_sub(1) else { return 0.0 };
        let whole: f64 = self.blocks[..last].iter().map(|block| block.sum).sum();
        let part = &self.blocks[last].masses;
        let part = &part[..part.partition_point(|known| *known <= mass)];
        whole + part.iter().sum::<f64>()
    }

    /// The first block whose last mass is not below this.
    fn block_of(&self, mass: f64) -> usize {
        self.blocks.partition_point(|block| block.masses.last().is_none_or(|last| *last < mass))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_what_lies_below(
            added in vec(1_u16..300, 1..2000),
            gone in 0_usize..500,
            at in 0_u16..310,
        ) {
            let mut masses = Masses::default();
            for mass in &added {
                masses.insert(f64::from(*mass));
            }
            let gone = gone.min(added.len());
            for mass in &added[..gone] {
                masses.remove(f64::from(*mass));
            }
            let mut left: Vec<f64> = added[gone..].iter().map(|m| f64::from(*m)).collect();
            left.sort_by(f64::total_cmp);
            let at = f64::from(at);
            let sum = |limit: f64| left.iter().filter(|mass| **mass <= limit).sum::<f64>();
            let upper = left.iter().copied().find(|mass| *mass > at);
            prop_assert_eq!(masses.total(), left.iter().sum::<f64>());
            prop_assert_eq!(masses.at(at), Standing {
                lower: left.iter().copied().rfind(|mass| *mass <= at).unwrap_or(0.0),
                sum: sum(at),
                upper: upper.map(|upper| (upper, sum(upper))),
            });
        }
    }
}
