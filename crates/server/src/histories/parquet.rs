//! A Parquet file as lines of JSON, made while they are read: one group of rows is in memory, and the reader of histories
//! needs to know no more than one kind of line.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::{Map, Value};
use std::io::{self, Read};

/// How a column counts time.
#[derive(Clone, Copy)]
struct Clock {
    /// Ticks of a second.
    ticks: i64,
    /// Instants; if not, times of a clock on some wall, which the mapping's zone makes instants of.
    is_utc: bool,
}

/// The lines.
pub struct Lines {
    rows: RowIter<'static>,
    clocks: Vec<Option<Clock>>,
    line: Vec<u8>,
    at: usize,
}

impl Lines {
    /// Opens a file.
    ///
    /// # Errors
    /// It is no Parquet file, or compressed in a way that is not read.
    pub fn of<R: ChunkReader + 'static>(input: R) -> Result<Self, ParquetError> {
        let reader = SerializedFileReader::new(input)?;
        let schema = reader.metadata().file_metadata().schema().clone();
        let clocks = schema.get_fields().iter().map(|column| clock(column)).collect();
        Ok(Self { rows: RowIter::from_file_into(Box::new(reader)), clocks, line: vec![], at: 0 })
    }

    fn put(&mut self, row: &Row) {
        let named = row.get_column_iter().zip(&self.clocks);
        let object: Map<String, Value> =
            named.map(|((name, field), clock)| (name.clone(), value(field, *clock))).collect();
        self.line = serde_json::to_vec(&object).expect("because a map of words is JSON");
        self.line.push(b'\n');
        self.at = 0;
    }
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            match self.rows.next().transpose().map_err(io::Error::other)? {
                Some(row) => self.put(&row),
                None => return Ok(0),
            }
        }
        let some = (self.line.len() - self.at).min(into.len());
        into[..some].copy_from_slice(&self.line[self.at..self.at + some]);
        self.at += some;
        Ok(some)
    }
}

fn clock(column: &Type) -> Option<Clock> {
    match column.get_basic_info().logical_type_ref()? {
        LogicalType::Timestamp(time) => {
            let ticks = match time.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            Some(Clock { ticks, is_utc: time.is_adjusted_to_u_t_c })
        }
        _ => None,
    }
}

fn value(field: &Field, clock: Option<Clock>) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(yes) => Value::Bool(*yes),
        Field::Str(text) => Value::String(text.clone()),
        Field::Date(days) => {
            let day = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(*days));
            day.map_or(Value::Null, |day| day.to_string().into())
        }
        Field::TimestampMillis(ticks) => time(*ticks, clock.unwrap_or(Clock { ticks: 1_000, is_utc: true })),
        Field::TimestampMicros(ticks) => time(*ticks, clock.unwrap_or(Clock { ticks: 1_000_000, is_utc: true })),
        Field::Long(ticks) if clock.is_some() => clock.map_or(Value::Null, |clock| time(*ticks, clock)),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned().into(),
        Field::Group(row) => row.get_column_iter().map(|(name, field)| (name.clone(), value(field, None))).collect(),
        Field::Byte(n) => (*n).into(),
        Field::Short(n) => (*n).into(),
        Field::Int(n) => (*n).into(),
        Field::Long(n) => (*n).into(),
        Field::UByte(n) => (*n).into(),
        Field::UShort(n) => (*n).into(),
        Field::UInt(n) => (*n).into(),
        Field::ULong(n) => (*n).into(),
        // Amounts, exactly as they are written.
        other => other.to_string().into(),
    }
}

fn time(ticks: i64, clock: Clock) -> Value {
    let whole = i128::from(ticks) * (1_000_000_000 / i128::from(clock.ticks));
    let Ok(at) = Timestamp::from_nanosecond(whole) else { return Value::Null };
    if clock.is_utc { at.to_string() } else { TimeZone::UTC.to_datetime(at).to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_sim::history::mapping::Mapping;
    use countersign_sim::history::read::read;
    use countersign_sim::history::table;
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::fs::File;
    use std::sync::Arc;

    const SCHEMA: &str = "message orders {
        required binary order (STRING);
        required int64 placed (TIMESTAMP(NANOS, true));
        optional int64 local (TIMESTAMP(MICROS, false));
        required int32 pieces;
        required int32 price (DECIMAL(9, 2));
        required double cost;
        required binary vendor (STRING);
    }";
    const MAPPING: &str = r#"
        currency = "USD"
        country = "US"
        time_zone = "America/Chicago"
        time_format = "%d.%m.%Y"
        [[tables]]
        holds = "orders"
        file = "orders.parquet"
        columns = { order = "order", placed_at = "placed" }
        [[tables]]
        holds = "lines"
        file = "orders.parquet"
        columns = { order = "order", sku = "=MUG", quantity = "pieces", unit_price = "price", unit_cost = "cost", source = "vendor", sent_at = "placed", shipped_at = "local" }
    "#;

    fn write(file: File, compression: Compression) {
        let properties = WriterProperties::builder().set_compression(compression).build();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
        for group in 0..2_i64 {
            let mut rows = writer.next_row_group().unwrap();
            let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
            macro_rules! column {
                ($kind:ty, $values:expr, $levels:expr) => {{
                    let mut column = rows.next_column().unwrap().unwrap();
                    column.typed::<$kind>().write_batch($values, $levels, None).unwrap();
                    column.close().unwrap();
                }};
            }
            column!(ByteArrayType, &[text(&format!("O{group}a")), text(&format!("O{group}b"))], None);
            column!(Int64Type, &[1_767_625_200_000_000_000, 1_767_625_201_000_000_000], None);
            // 2026-01-06 09:00 on the clock of the warehouse; the second has not left.
            column!(Int64Type, &[1_767_690_000_000_000], Some(&[1, 0]));
            column!(Int32Type, &[3, 1], None);
            column!(Int32Type, &[1_990, 5], None);
            column!(DoubleType, &[9.5, 0.25], None);
            column!(ByteArrayType, &[text("acme"), text("acme")], None);
            rows.close().unwrap();
        }
        writer.close().unwrap();
    }

    #[test]
    fn a_parquet_file_is_a_history() {
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("orders.parquet");
            write(File::create(&path).unwrap(), compression);
            let open = |_: &str| Lines::of(File::open(&path).unwrap()).map(Some).map_err(|e| e.to_string());
            let history = read(&Mapping::parse(MAPPING).unwrap(), open).unwrap();
            assert_eq!(history.dirt.rejected_rows(), 0, "{:?}", history.dirt.samples);
            assert_eq!((history.pasts.len(), history.dirt.rows[&format!("orders{}", table::PARQUET)]), (4, 4));
            let (first, second) = (history.pasts.get(0), history.pasts.get(1));
            assert_eq!(first.order.placed.at().to_string(), "2026-01-05T15:00:00Z");
            assert_eq!(first.pos[0].shipped.at().to_string(), "2026-01-06T15:00:00Z", "nine in Chicago");
            assert_eq!((first.lines[0].quantity, first.lines[0].price), (3, 1_990));
            assert_eq!(
                (first.asks[0].unit_cost, history.offers[0].unit_cost),
                (950, 487),
                "an offer costs what it did on average"
            );
            assert!(!second.pos[0].shipped.is_known());
        }
    }

    #[test]
    fn what_is_no_parquet_file_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, b"order,placed\n1,2026-01-05\n").unwrap();
        assert!(Lines::of(file.reopen().unwrap()).is_err());
    }
}
