//! Rows of a file with columns, each with the line of the file on which it begins: whatever ends its lines, and however
//! many lines a quoted field has. Knows nothing of what columns mean.

use csv::StringRecord;
use std::io::{self, BufRead, BufReader, Read};

/// A file with columns being read: commas, semicolons or tabs part them, whichever stands in its heading most.
pub struct Sheet<R> {
    reader: csv::Reader<Lines<R>>,
    headings: Vec<String>,
    record: StringRecord,
}

/// A row: the line on which it begins, and its fields or why it cannot be read.
pub type SheetRow<'a> = (u64, Result<&'a StringRecord, String>);

impl<R: Read> Sheet<R> {
    /// Reads the heading.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(input: R) -> Result<Self, String> {
        let mut lines = Lines { input: BufReader::new(input), after_return: false, last: b'\n', is_ended: false };
        let delimiter = delimiter(lines.input.fill_buf().map_err(|e| e.to_string())?);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(lines);
        let headings = reader.headers().map_err(|e| format!("the heading cannot be read: {e}"))?;
        let headings = headings.iter().map(|h| h.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        Ok(Self { reader, headings, record: StringRecord::new() })
    }
    /// What its columns are called.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }
    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The file cannot be read any further.
    pub fn next_row(&mut self) -> io::Result<Option<SheetRow<'_>>> {
        let mut record = std::mem::take(&mut self.record).into_byte_record();
        if !self.reader.read_byte_record(&mut record).map_err(io::Error::from)? {
            return Ok(None);
        }
        let within = record.as_slice().iter().filter(|b| **b == b'\n').count() as u64;
        // A quote that is never closed holds the last end of a line, too: then the file was read to its end for it.
        let closed = !self.reader.get_ref().is_ended;
        let line = self.reader.position().line().saturating_sub(within + u64::from(closed));
        match StringRecord::from_byte_record(record) {
            Ok(record) => {
                self.record = record;
                Ok(Some((line, Ok(&self.record))))
            }
            Err(e) => {
                let field = e.utf8_error().field() + 1;
                Ok(Some((line, Err(format!("field {field} of the row is no UTF-8: save the file as UTF-8")))))
            }
        }
    }
}

/// What parts the columns of a heading: comma, semicolon or tab, whichever stands there most.
fn delimiter(beginning: &[u8]) -> u8 {
    let heading = beginning.split(|b| *b == b'\n' || *b == b'\r').next().unwrap_or_default();
    let often = |delimiter: &u8| heading.iter().filter(|b| *b == delimiter).count();
    // Of equal ones the last: a heading of one column is parted by commas.
    [b'\t', b';', b','].into_iter().max_by_key(often).unwrap_or(b',')
}

/// A file whose lines all end with a newline, the last one too, so that ends can be counted.
struct Lines<R> {
    input: BufReader<R>,
    after_return: bool,
    last: u8,
    is_ended: bool,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let some = self.input.fill_buf()?;
            if some.is_empty() && self.last != b'\n' && !into.is_empty() {
                (self.last, into[0]) = (b'\n', b'\n');
                return Ok(1);
            }
            if some.is_empty() || into.is_empty() {
                self.is_ended |= !into.is_empty();
                return Ok(0);
            }
            let (mut used, mut out) = (0, 0);
            while used < some.len() && out < into.len() {
                if std::mem::take(&mut self.after_return) && some[used] == b'\n' {
                    used += 1;
                    continue;
                }
                let rest = &some[used..some.len().min(used + into.len() - out)];
                let plain = rest.iter().position(|b| *b == b'\r').unwrap_or(rest.len());
                into[out..out + plain].copy_from_slice(&rest[..plain]);
                (used, out) = (used + plain, out + plain);
                if plain < rest.len() {
                    into[out] = b'\n';
                    (used, out, self.after_return) = (used + 1, out + 1, true);
                }
            }
            self.input.consume(used);
            if out > 0 {
                self.last = into[out - 1];
                return Ok(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<(u64, Option<String>)> {
        let mut sheet = Sheet::open(text).unwrap();
        let mut told = vec![];
        while let Some((line, row)) = sheet.next_row().unwrap() {
            told.push((line, row.ok().map(|r| r.iter().collect::<Vec<_>>().join("|"))));
        }
        told
    }

    #[test]
    fn a_row_has_the_line_of_its_file_whatever_ends_the_lines() {
        let text = "a;b\n1;2\n\n3;\"4\n5\"\n6;7\n\"8\n\n9\";10";
        let some = |line, row: &str| (line, Some(row.to_owned()));
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end] {
                let text = text.replace('\n', end) + last;
                let expected = vec![some(2, "1|2"), some(4, "3|4\n5"), some(6, "6|7"), some(7, "8\n\n9|10")];
                assert_eq!(rows(text.as_bytes()), expected, "{end:?} {last:?}");
            }
        }
        assert_eq!(rows(b"a,b\r\n1,2\r\nM\xfcll,3\r\n4,5\r\n"), vec![some(2, "1|2"), (3, None), some(4, "4|5")]);
        assert_eq!(rows(b"a,b\n1,2\n3,\"4\n5,6\n"), vec![some(2, "1|2"), some(3, "3|4\n5,6\n")], "never closed");
        assert_eq!(rows(b"a\tb\n").len() + rows(b"").len(), 0);
    }
}
