//! CSV that a spreadsheet opens as data: what it would run as a formula becomes text (ASVS 1.2.10).

/// A table being written.
#[derive(Debug, Default)]
pub struct Csv(String);

impl Csv {
    /// A table with that first line.
    pub fn new<T: AsRef<str>>(head: impl IntoIterator<Item = T>) -> Self {
        let mut csv = Self::default();
        csv.row(head);
        csv
    }
    /// One more line.
    pub fn row<T: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = T>) {
        let fields: Vec<String> = fields.into_iter().map(|f| field(f.as_ref())).collect();
        self.0.push_str(&fields.join(","));
        self.0.push_str("\r\n");
    }
    /// The whole table.
    pub fn text(self) -> String {
        self.0
    }
}

/// A field: numbers as they are, everything else so that it stays text.
pub fn field(text: &str) -> String {
    let begins = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
    let safe = if begins && !is_number(text) { format!("'{text}") } else { text.to_owned() };
    match safe.contains(['"', ',', ';', '\t', '\n', '\r']) || safe.starts_with(' ') {
        true => format!("\"{}\"", safe.replace('"', "\"\"")),
        false => safe,
    }
}

/// A plain decimal number, or the dash that stands for anything: no exponent, no infinity, nothing that a spreadsheet could read as something else.
fn is_number(text: &str) -> bool {
    if text == "-" {
        return true;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = digits.splitn(2, '.');
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(whole) && parts.next().is_none_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        for formula in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            "-inf",
            "-1e5",
            "+1-1",
            "－1",
            "＝1",
        ] {
            let safe = field(formula);
            assert!(safe.trim_start_matches('"').starts_with('\''), "{formula:?} became {safe:?}");
        }
        for plain in ["-", "-3", "+3", "-3.25", "0", "acme", "1001-1", ""] {
            assert_eq!(field(plain), plain);
        }
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(field("a,b"), "\"a,b\"");
    }

    #[test]
    fn a_reader_gets_back_what_was_written() {
        let mut csv = Csv::new(["name", "note"]);
        csv.row(["a \"b\", c", "line\r\nline"]);
        csv.row(["=x", "-1"]);
        let text = csv.text();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows, [["a \"b\", c", "line\r\nline"], ["'=x", "-1"]]);
    }
}
