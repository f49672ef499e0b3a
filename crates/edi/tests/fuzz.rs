//! Whatever comes in: nothing panics, pieces read like the whole, a tree is written as it was read, a file does not
//! differ from itself, and what is answered to it is whole. Mutates the files of `tests/files` and what once failed (`tests/seeds`); a new failure is kept
//! there. Runs a moment; `COUNTERSIGN_FUZZ_S` makes it longer, and then it goes another way each time.

mod answering;

use answering::answer;
use countersign_edi::{
    Collector, ReadOptions, Rule, Schemas, Standard, StreamReader, Tree, diff, explain, read, wants_contrl,
};
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long it runs in the everyday tests.
const MOMENT: Duration = Duration::from_secs(2);
/// Longest input that is grown.
const BYTES_MAX: usize = 20_000;
/// What is put in at random places: all that means something to a reader of EDI.
const WORDS: [&str; 28] = [
    "ISA*",
    "IEA*1*1~",
    "GS*PO*",
    "GE*1*1~",
    "ST*850*0001~",
    "SE*2*0001~",
    "UNA:+.? '",
    "UNB+UNOC:3+",
    "UNZ+1+1'",
    "UNH+1+",
    "UNT+2+1'",
    "UNG+",
    "UNE+",
    "HL*1**S~",
    "~",
    "*",
    "'",
    "+",
    ":",
    "?",
    "??",
    "\r\n",
    "\n",
    " ",
    "\u{feff}",
    "99999999999999999999",
    "-",
    "\0",
];

/// A small generator: the same numbers for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn files(name: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder(name)).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn mutated(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(6) {
        let (at, to) = (chance.below(bytes.len() + 1), chance.below(bytes.len() + 1));
        let (low, high) = (at.min(to), at.max(to).min(at.min(to) + 200));
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(low..high)),
            2 => {
                let piece = bytes[low..high].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let word = WORDS[chance.below(WORDS.len())].bytes();
                bytes.splice(at..at, word);
            }
            4 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
            _ => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                bytes.splice(at..at, other[from..(from + 300).min(other.len())].iter().copied());
            }
        }
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn holds(bytes: &[u8], piece: usize) {
    let whole = read(bytes);
    let mut reader = StreamReader::new(ReadOptions::default(), Collector::new(10_000));
    bytes.chunks(piece).for_each(|piece| reader.push(piece));
    assert_eq!(reader.finish().finish(bytes.len() as u64), whole, "in pieces of {piece}");
    if let Some(tree) = Tree::read(bytes) {
        assert_eq!(tree.write(), bytes, "a tree");
        assert_eq!(Tree::from_json(&tree.to_json()).expect("its own JSON").write(), bytes, "a tree through JSON");
    }
    assert_eq!(diff(bytes, bytes), vec![], "a file differs from itself");
    for interchange in whole.interchanges.iter().filter(|one| one.header.standard == Standard::X12 || wants_contrl(one))
    {
        let written = answer(&whole, interchange);
        let own = read(&written);
        // A faulty value may be given back as it came, foreign letters and all; counts, numbers and segments are ours and
        // right.
        let given_back =
            |rule: Rule| rule.codes().element != 0 || matches!(rule, Rule::ElementEncoding | Rule::AcknowledgmentValue);
        let ours: Vec<_> = own.findings.iter().filter(|finding| !given_back(finding.rule)).collect();
        assert!(ours.is_empty(), "{}: {ours:?}", String::from_utf8_lossy(&written));
    }
    for (interchange, group, set) in whole.sets().take(3) {
        explain(bytes, &whole, interchange, group, set, &Schemas::standard()).to_text();
    }
}

#[test]
fn whatever_comes_in() {
    let asked = std::env::var("COUNTERSIGN_FUZZ_S").ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64);
    let mut chance = Chance(if asked.is_some() { clock | 1 } else { 0x5eed });
    let kept = files("seeds");
    kept.iter().for_each(|bytes| (1..40).for_each(|piece| holds(bytes, piece)));
    let mut seeds = files("files");
    assert!(seeds.len() > 20, "the files are there");
    seeds.extend(kept);
    let (begin, mut count) = (Instant::now(), 0_u64);
    while begin.elapsed() < asked.unwrap_or(MOMENT) {
        let bytes = mutated(&seeds, &mut chance);
        let piece = 1 + chance.below(200);
        if catch_unwind(|| holds(&bytes, piece)).is_err() {
            let sum = bytes
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
            let path = folder("seeds").join(format!("{sum:016x}.edi"));
            fs::create_dir_all(folder("seeds")).expect("a folder beside the tests");
            fs::write(&path, &bytes).expect("a file beside the tests");
            panic!("an input failed in pieces of {piece}; it is kept as {}", path.display());
        }
        count += 1;
    }
    println!("{count} inputs");
}
