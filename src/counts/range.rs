//! From when to when something is drawn, and in which columns.
//!
//! A single wrong stamp would make a picture of years with everything in its last column. So what
//! lies far off and is little is left out of the picture, and counted.

/// Of everything, this part may be left out on either side.
const LITTLE: u64 = 100;

/// A stretch of time that has nearly everything in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// When it begins, in milliseconds since 1970.
    pub start: u64,
    /// When it ends.
    pub end: u64,
    /// How many lie before it.
    pub before: u64,
    /// How many lie behind it.
    pub after: u64,
    /// How fine the times are.
    width: u64,
}

impl Range {
    /// The range of some slots with their counts, in the order of time.
    pub(super) fn of(slots: &[(u64, u64)], width: u64) -> Option<Range> {
        let sum = |slots: &[(u64, u64)]| {
            slots.iter().fold(0, |sum: u64, slot| sum.saturating_add(slot.1))
        };
        let total = sum(slots);
        // What cannot be left out lies between these; from there on to the first long gap.
        let little = total / LITTLE;
        let mut from = edge(slots.iter(), little);
        let mut to = slots.len() - edge(slots.iter().rev(), little).min(slots.len());
        let span = |from: usize, to: usize| (slots[to - 1].0 - slots[from].0).max(1);
        while from > 0 && slots[from].0 - slots[from - 1].0 <= span(from, to) {
            from -= 1;
        }
        while to < slots.len() && slots[to].0 - slots[to - 1].0 <= span(from, to) {
            to += 1;
        }
        let (before, after) = (sum(&slots[..from]), sum(&slots[to..]));
        let (first, last) = (slots.get(from)?.0, slots[..to].last()?.0);
        let start = first.saturating_mul(width);
        let end = last.saturating_add(1).saturating_mul(width);
        Some(Range { start, end, before, after, width })
    }

    /// So many columns at most, each as long as people reckon with, and beginning with a minute, an
    /// hour or a day where it is as long.
    pub fn columns(self, most: usize) -> Columns {
        let most = most.max(1) as u64;
        let of = |width: u64| {
            let start = self.start - self.start % width.min(DAY);
            Columns { start, width, number: (self.end - start).div_ceil(width).max(1) as usize }
        };
        let fits = |columns: &Columns| columns.number as u64 <= most;
        let usual = USUAL.iter().map(|seconds| seconds * 1000);
        let usual = usual.filter(|width| width.is_multiple_of(self.width));
        usual.map(of).find(fits).unwrap_or_else(|| {
            // One more, for the first may begin before the range does.
            let steps = (self.end - self.start).div_ceil(self.width).max(1);
            of(steps.div_ceil((most - 1).max(1)) * self.width)
        })
    }
}

const DAY: u64 = 86_400_000;

/// Lengths of columns, in seconds: up to four weeks.
#[rustfmt::skip]
const USUAL: [u64; 25] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200,
    86_400, 172_800, 259_200, 432_000, 604_800, 1_209_600, 2_419_200,
];

/// How many slots from a side on have this much together at most.
fn edge<'s>(slots: impl Iterator<Item = &'s (u64, u64)>, little: u64) -> usize {
    let mut sum = 0;
    let is_little = |slot: &&(u64, u64)| {
        sum = slot.1.saturating_add(sum);
        sum <= little
    };
    slots.take_while(is_little).count()
}

/// Columns of a picture, all as wide.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Columns {
    /// When the first begins, in milliseconds since 1970.
    pub start: u64,
    /// How long each is, in milliseconds.
    pub width: u64,
    /// How many there are.
    pub number: usize,
}

impl Columns {
    /// The column that a time lies in, if it is in the picture.
    pub fn of(self, millis: u64) -> Option<usize> {
        let at = usize::try_from(millis.checked_sub(self.start)? / self.width).ok()?;
        (at < self.number).then_some(at)
    }

    /// How much there is in each column.
    pub fn heights(self, slots: impl Iterator<Item = (u64, u64)>) -> Vec<u64> {
        let mut heights = vec![0; self.number];
        for (time, count) in slots {
            if let Some(at) = self.of(time) {
                heights[at] = count.saturating_add(heights[at]);
            }
        }
        heights
    }

    /// When the last ends.
    pub fn end(self) -> u64 {
        self.start.saturating_add(self.width.saturating_mul(self.number as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(slots: &[(u64, u64)], expected: (u64, u64, u64, u64)) {
        let range = Range::of(slots, 10).expect("a range");
        assert_eq!((range.start, range.end, range.before, range.after), expected);
    }

    #[test]
    fn a_few_that_lie_far_off_do_not_stretch_the_picture() {
        check(&[(0, 1), (1000, 500), (1010, 500)], (10_000, 10_110, 1, 0));
        check(&[(1000, 500), (1010, 500), (9000, 1)], (10_000, 10_110, 0, 1));
        check(&[(0, 1), (1000, 500), (1010, 500), (9000, 1)], (10_000, 10_110, 1, 1));
    }

    #[test]
    fn what_is_not_little_or_not_far_stays() {
        check(&[(0, 50), (1000, 500), (1010, 500)], (0, 10_110, 0, 0));
        check(&[(990, 1), (1000, 500), (1010, 500)], (9_900, 10_110, 0, 0));
        check(&[(7, 1)], (70, 80, 0, 0));
        assert_eq!(Range::of(&[], 10), None);
    }

    #[test]
    fn columns_take_in_whole_stretches_and_all_of_the_range() {
        let range = Range::of(&[(1, 1), (99, 1)], 1000).expect("a range");
        let columns = range.columns(24);
        assert_eq!((columns.start, columns.width, columns.number), (0, 5000, 20));
        let places = [0, 99_999, 100_000].map(|time| columns.of(time));
        assert_eq!(places, [Some(0), Some(19), None]);
        assert_eq!(columns.heights([(0, 1), (4999, 1), (5000, 1)].into_iter())[..2], [2, 1]);
        let years = Range::of(&[(7, 1), (3000, 1)], 604_800_000).expect("a range").columns(24);
        assert!(years.number <= 24 && years.end() >= 3001 * 604_800_000, "{years:?}");
    }
}
