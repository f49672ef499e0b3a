//! The name that somebody may have meant. Knows nothing of what is named.

/// Letters that may be wrong in a name that was meant: a slip or two.
const WRONG_MAX: usize = 2;

/// The one of the known names that lies nearest to a mistyped one, if any lies near; of equal ones the first.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let far = |name: &'a str| (distance(&word, &letters(name)), name);
    let (wrong, name) = known.into_iter().map(far).min_by_key(|(wrong, _)| *wrong)?;
    // Of a short name that would be all of it.
    (wrong <= WRONG_MAX.min(word.len() / 4)).then_some(name)
}

/// A name without what is only its way of writing: capitals, spaces, hyphens, underscores.
fn letters(name: &str) -> Vec<char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters have to be put in, left out or changed.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (n, a) in from.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], n + 1);
        for (m, b) in to.iter().enumerate() {
            let changed = corner + usize::from(a != b);
            corner = row[m + 1];
            row[m + 1] = changed.min(row[m] + 1).min(corner + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_another_word_is_not() {
        let known = ["answered_at", "placed_at", "deliver_by", "sku"];
        assert_eq!(nearest("answerd_at", known), Some("answered_at"));
        assert_eq!(nearest("deliverby", known), Some("deliver_by"));
        assert_eq!(nearest("Deliver By", known), Some("deliver_by"));
        assert_eq!(nearest("sk", known), None);
        assert_eq!(nearest("approved_at", known), None);
    }
}
