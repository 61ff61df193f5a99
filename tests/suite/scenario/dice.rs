//! Dice that fall the same way everywhere: SplitMix64.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice for one purpose: what else is thrown does not change how they fall.
    pub fn new(seed: u64, purpose: &str) -> Dice {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        let mut dice = Dice(purpose.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to but not with `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True in so many of 10,000 cases.
    pub fn one_in_myriad(&mut self, chances: u64) -> bool {
        self.below(10_000) < chances
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// A whole number whose mean is `hundredths` / 100.
    pub fn about(&mut self, hundredths: u64) -> u64 {
        let most = hundredths.div_ceil(100) * 4 + 4;
        let chances = hundredths * 100 / most;
        (0..most).filter(|_| self.one_in_myriad(chances)).count() as u64
    }
}
