//! A map that remembers what was used lately and forgets the rest, in bounded memory.
//!
//! Two generations: what is put or found is in the young one; when that is full it becomes the old
//! one, and what nobody asked for since is gone. No list to keep in order, no clock, and what is
//! remembered depends on the order of events alone.

use std::hash::Hash;

use foldhash::HashMap;

/// A bounded map.
#[derive(Debug)]
pub struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    weight: usize,
    most: usize,
}

impl<K: Hash + Eq + Copy, V> Generations<K, V> {
    /// A map whose generations hold values of this weight each.
    pub fn holding(most: usize) -> Generations<K, V> {
        Generations { young: HashMap::default(), old: HashMap::default(), weight: 0, most }
    }

    /// Puts a value of some weight in the place of any other.
    pub fn put(&mut self, key: K, value: V, weight: usize) {
        if self.weight + weight > self.most {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, value);
    }

    /// The value, if it is still known. Finding it keeps it as little as asking for it did: only
    /// what is put again stays.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Forgets a value.
    pub fn forget(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Whether the value would be gone with the next change of generations.
    pub fn is_old(&self, key: &K) -> bool {
        !self.young.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_lately_is_known_and_what_was_long_ago_is_not() {
        let mut map = Generations::holding(2);
        for key in 1..=4 {
            map.put(key, key * 10, 1);
        }
        assert_eq!(map.get(&4), Some(&40));
        assert_eq!(map.get(&1), Some(&10));
        map.put(5, 50, 1);
        assert_eq!(map.get(&1), None);
        assert_eq!(map.get(&3), Some(&30));
    }

    #[test]
    fn a_value_put_again_replaces_the_old_one() {
        let mut map = Generations::holding(2);
        map.put(1, 10, 1);
        map.put(2, 20, 1);
        map.put(1, 11, 1);
        assert_eq!(map.get(&1), Some(&11));
        map.forget(&1);
        assert_eq!(map.get(&1), None);
    }
}
