//! Character sets of X12 and EDIFACT: which characters a partner can read, and what to write for those he cannot.
//!
//! It knows letters, not elements.

/// The characters that may be written to a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CharacterSet {
    /// Capital letters, digits and a few signs of X12.
    X12Basic,
    /// The above with small letters and more signs.
    X12Extended,
    /// EDIFACT level A: capital letters, digits and a few signs.
    Unoa,
    /// EDIFACT level B: level A with small letters and more signs.
    Unob,
    /// EDIFACT level C: ISO 8859-1, one byte a character.
    Unoc,
    /// Any character, written as UTF-8; EDIFACT level Y.
    Utf8,
}

const BASIC_SIGNS: &str = " !\"&'()*+,-./:;?=";
const EXTENDED_SIGNS: &str = " !\"&'()*+,-./:;?=%~@[]_{}\\|<>#$^`";
const LEVEL_A_SIGNS: &str = " .,-()/='+:?!\"%&*;<>";

/// For each ASCII byte: may it be written without a look at the character set?
const fn plain_bytes(signs: &str, small: bool) -> [bool; 128] {
    let mut plain = [false; 128];
    let mut byte = 0;
    while byte < 128u8 {
        plain[byte as usize] =
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || (small && byte.is_ascii_lowercase());
        byte += 1;
    }
    let signs = signs.as_bytes();
    let mut place = 0;
    while place < signs.len() {
        plain[signs[place] as usize] = true;
        place += 1;
    }
    plain
}

static X12_BASIC: [bool; 128] = plain_bytes(BASIC_SIGNS, false);
static X12_EXTENDED: [bool; 128] = plain_bytes(EXTENDED_SIGNS, true);
static LEVEL_A: [bool; 128] = plain_bytes(LEVEL_A_SIGNS, false);
static ALL_ASCII: [bool; 128] = plain_bytes(" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true);

impl CharacterSet {
    /// The ASCII characters of the set.
    pub(crate) fn ascii(self) -> &'static [bool; 128] {
        match self {
            CharacterSet::X12Basic => &X12_BASIC,
            CharacterSet::X12Extended => &X12_EXTENDED,
            CharacterSet::Unoa => &LEVEL_A,
            CharacterSet::Unob | CharacterSet::Unoc | CharacterSet::Utf8 => &ALL_ASCII,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            CharacterSet::X12Basic => "X12 basic",
            CharacterSet::X12Extended => "X12 extended",
            CharacterSet::Unoa => "UNOA",
            CharacterSet::Unob => "UNOB",
            CharacterSet::Unoc => "UNOC",
            CharacterSet::Utf8 => "UTF-8",
        }
    }

    /// The set that a syntax id of UNB names.
    pub fn of_syntax(id: &str) -> Option<CharacterSet> {
        match id {
            "UNOA" => Some(CharacterSet::Unoa),
            "UNOB" => Some(CharacterSet::Unob),
            "UNOC" => Some(CharacterSet::Unoc),
            "UNOW" | "UNOX" | "UNOY" => Some(CharacterSet::Utf8),
            _ => None,
        }
    }

    /// True when the set has this character.
    pub fn holds(self, letter: char) -> bool {
        if letter.is_ascii() {
            return self.ascii()[letter as usize];
        }
        match self {
            CharacterSet::Unoc => ('\u{A0}'..='\u{FF}').contains(&letter),
            CharacterSet::Utf8 => !letter.is_control(),
            _ => false,
        }
    }

    /// Appends the character as the set writes it; false, and nothing, when the set lacks it.
    pub(crate) fn encode(self, letter: char, out: &mut Vec<u8>) -> bool {
        if !self.holds(letter) {
            return false;
        }
        if self == CharacterSet::Utf8 {
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(letter as u32 as u8);
        }
        true
    }
}

/// Accented letters and typographic signs, each with the plain letters that come nearest.
const NEAREST: [(&str, &str); 56] = [
    ("ÀÁÂÃÅĀĂĄ", "A"),
    ("àáâãåāăą", "a"),
    ("Ä", "A"),
    ("ä", "a"),
    ("Æ", "AE"),
    ("æ", "ae"),
    ("ÇĆĈĊČ", "C"),
    ("çćĉċč", "c"),
    ("ĎĐÐ", "D"),
    ("ďđð", "d"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("èéêëēĕėęě", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ìíîïĩīĭįı", "i"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ÑŃŅŇ", "N"),
    ("ñńņň", "n"),
    ("ÒÓÔÕÖØŌŎŐ", "O"),
    ("òóôõöøōŏő", "o"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞŠȘ", "S"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ŢŤŦȚ", "T"),
    ("ţťŧț", "t"),
    ("Þ", "TH"),
    ("þ", "th"),
    ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
    ("ùúûüũūŭůűų", "u"),
    ("Ŵ", "W"),
    ("ŵ", "w"),
    ("ÝŶŸ", "Y"),
    ("ýŷÿ", "y"),
    ("ŹŻŽ", "Z"),
    ("źżž", "z"),
    ("‘’‚‛′`´", "'"),
    ("“”„″«»", "\""),
    ("‐‑‒–—−", "-"),
    ("…", "..."),
    ("\u{A0}\u{2009}\u{202F}", " "),
    ("×", "x"),
    ("°", "deg"),
    ("€", "EUR"),
    ("™®©", "."),
];

/// Plain letters near to a character: of a small letter in a capital set, its capital.
pub(crate) fn transliterate(letter: char) -> Option<&'static str> {
    const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if letter.is_ascii_lowercase() {
        let place = (letter as u8 - b'a') as usize;
        return CAPITALS.get(place..place + 1);
    }
    NEAREST.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_differ() {
        assert!(CharacterSet::X12Extended.holds('a') && !CharacterSet::X12Basic.holds('a'));
        assert!(CharacterSet::Unoc.holds('ü') && !CharacterSet::Unob.holds('ü'));
        let mut out = Vec::new();
        assert!(CharacterSet::Unoc.encode('ü', &mut out) && CharacterSet::Utf8.encode('ü', &mut out));
        assert_eq!(out, [0xFC, 0xC3, 0xBC]);
    }

    #[test]
    fn letters_have_neighbours() {
        assert_eq!(transliterate('é'), Some("e"));
        assert_eq!(transliterate('ß'), Some("ss"));
        assert_eq!(transliterate('漢'), None);
    }
}
