//! What the fold knows of a partition: how much each of its values weighs, with and without those
//! that came in bursts.
//!
//! Whoever scans ten thousand ports leaves as many values that were seen once, and among them every
//! later port is ordinary. So those of a burst are set apart: what they alone hide is found as if
//! they had never been.

use super::masses::Masses;

/// What the fold knows of a partition.
#[derive(Clone, Default, Debug)]
pub struct Partition {
    /// Those of all values.
    pub masses: Masses,
    /// Those of all that did not come in a burst, once there was one.
    calm: Option<Masses>,
    /// How many values there are.
    pub values: u32,
    /// How many buckets it has had.
    pub age: u32,
}

impl Partition {
    /// Changes the mass of a value.
    pub fn change(&mut self, before: f64, now: f64, is_of_burst: bool) {
        let calm = self.calm.as_mut().filter(|_| !is_of_burst);
        for masses in [Some(&mut self.masses), calm].into_iter().flatten() {
            if before > 0.0 {
                masses.remove(before);
            }
            masses.insert(now);
        }
    }

    /// Sets a value apart that came in a burst.
    pub fn set_apart(&mut self, mass: f64) {
        self.calm.get_or_insert_with(|| self.masses.clone()).remove(mass);
    }

    /// Takes a value back that has come often since its burst.
    pub fn take_back(&mut self, mass: f64) {
        if let Some(calm) = &mut self.calm {
            calm.insert(mass);
        }
    }

    /// Whether values were set apart.
    pub fn has_had_bursts(&self) -> bool {
        self.calm.is_some()
    }

    /// Asks something of the masses without those of bursts and without so many of one mass.
    pub fn without<T>(&mut self, mass: f64, number: usize, ask: impl Fn(&Masses) -> T) -> T {
        let masses = self.calm.as_mut().unwrap_or(&mut self.masses);
        (0..number).for_each(|_| masses.remove(mass));
        let answer = ask(masses);
        (0..number).for_each(|_| masses.insert(mass));
        answer
    }
}
