//! Finds the delimiters: sixty-four bytes at a time with vector instructions, or byte masks without them.
//!
//! This is the one file of the crate with `unsafe` in it. It knows four byte classes and the release character;
//! it does not know what a segment means, which standard it reads, or where the bytes come from.
//!
//! Why it is sound: every vector load goes through a `[u8; 64]`; every raw write goes into room that was reserved just
//! before (64 marks per block); `target_feature` functions are reached only after run-time detection. Miri knows few of
//! these instructions, so the tests prove it on the processor itself: windows of every length and alignment against pages
//! that may not be touched, canaries behind the room that is written into, and all implementations against the one without
//! `unsafe`. `valgrind TESTS scan` runs the same tests with every access checked.
#![expect(unsafe_code, reason = "vector loads and unchecked writes of delimiter positions; soundness argued above")]

use crate::delimiter::{Delimiters, NONE};

/// The segment holds a component separator or a repetition separator.
pub(crate) const HAS_SUB: u32 = 1;
/// The segment holds a release character.
pub(crate) const HAS_RELEASE: u32 = 2;
/// The segment holds a control character or a byte outside ASCII, other than line ends before its first byte.
pub(crate) const HAS_ODD: u32 = 4;
/// The segment was ended by the end of the input, not by a terminator.
pub(crate) const UNTERMINATED: u32 = 8;
/// How far the index of a mark is shifted in an entry of `ends`.
pub(crate) const FLAG_BITS: u32 = 4;

const BLOCK: usize = 64;

/// Positions of all structural delimiters in a window, and where among them the segments end.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Positions of unreleased delimiters of all four kinds, ascending.
    pub(crate) positions: Vec<u32>,
    /// One entry a segment: index of its terminator in `positions`, shifted by `FLAG_BITS`, with the flags below.
    pub(crate) ends: Vec<u32>,
}

/// Bit masks of one block: bit n speaks of byte n.
#[derive(Clone, Copy)]
struct Masks {
    terminator: u64,
    element: u64,
    sub: u64,
    release: u64,
    odd: u64,
}

/// What one block must tell the next.
#[derive(Default)]
struct Carry {
    /// 1 when the first byte of the block is protected by a release character.
    released: u64,
    /// 1 when the block begins inside the line ends that follow a terminator.
    after_terminator: u64,
    /// Flags of the segment that is still open.
    flags: u32,
}

/// Which implementation to use. Both give identical marks; a property test holds them to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lanes {
    /// The widest that the processor has.
    Best,
    /// No vector instructions.
    #[cfg(test)]
    Scalar,
    /// The 128-bit instructions that every x86-64 has.
    #[cfg(all(test, target_arch = "x86_64"))]
    Sse2,
    /// The 256-bit instructions, where the processor has them.
    #[cfg(all(test, target_arch = "x86_64"))]
    Avx2,
}

/// Appends to `marks` (cleared first) every delimiter of `window`. The window begins outside any release sequence.
pub(crate) fn scan(window: &[u8], delimiters: &Delimiters, lanes: Lanes, marks: &mut Marks) {
    marks.positions.clear();
    marks.ends.clear();
    // An absent repetition separator must match nothing of its own; an absent release character is masked below.
    let mut wanted = *delimiters;
    if wanted.repetition == NONE {
        wanted.repetition = wanted.component;
    }
    let delimiters = &wanted;
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if lanes == Lanes::Best && has!("avx512bw") && has!("avx512vbmi2") && has!("bmi2") {
            // SAFETY: the features were detected on the line above.
            return unsafe { x86::scan_avx512(window, delimiters, marks) };
        }
        #[cfg(test)]
        let avx2 = matches!(lanes, Lanes::Best | Lanes::Avx2);
        #[cfg(not(test))]
        let avx2 = lanes == Lanes::Best;
        if avx2 && has!("avx2") && has!("bmi2") {
            // SAFETY: the features were detected on the line above.
            return unsafe { x86::scan_avx2(window, delimiters, marks) };
        }
        #[cfg(test)]
        let sse2 = lanes != Lanes::Scalar;
        #[cfg(not(test))]
        let sse2 = true;
        if sse2 {
            return scan_with(window, delimiters, marks, x86::masks_sse2, push_positions);
        }
    }
    let _ = lanes;
    scan_with(window, delimiters, marks, masks_scalar, push_positions);
}

/// The loop that all implementations share; they differ in how masks are made and how their bits become positions.
#[inline(always)]
fn scan_with(
    window: &[u8],
    delimiters: &Delimiters,
    marks: &mut Marks,
    masks: impl Fn(&[u8; BLOCK], &Delimiters) -> Masks,
    push: impl Fn(u64, u32, &mut Vec<u32>),
) {
    debug_assert!(window.len() < u32::MAX as usize >> FLAG_BITS, "windows are kept small by the reader");
    let mut carry = Carry::default();
    let release_kept = if delimiters.release == NONE { 0 } else { u64::MAX };
    let mut blocks = window.chunks_exact(BLOCK);
    let mut base = 0u32;
    for block in &mut blocks {
        let block: &[u8; BLOCK] = block.try_into().expect("because chunks_exact gives 64 bytes");
        let mut found = masks(block, delimiters);
        found.release &= release_kept;
        take_block(found, base, &mut carry, marks, &push);
        base += BLOCK as u32;
    }
    let rest = blocks.remainder();
    if !rest.is_empty() {
        let mut padded = [b'A'; BLOCK];
        padded[..rest.len()].copy_from_slice(rest);
        let inside = (1u64 << rest.len()) - 1;
        let all = masks(&padded, delimiters);
        let kept = Masks {
            terminator: all.terminator & inside,
            element: all.element & inside,
            sub: all.sub & inside,
            release: all.release & inside & release_kept,
            odd: all.odd & inside,
        };
        take_block(kept, base, &mut carry, marks, &push);
    }
    // An open segment leaves its flags in an entry that the caller completes or drops.
    marks.ends.push((marks.positions.len() as u32) << FLAG_BITS | carry.flags | UNTERMINATED);
}

/// Turns the masks of a block into positions and ends.
#[inline(always)]
fn take_block(masks: Masks, base: u32, carry: &mut Carry, marks: &mut Marks, push: &impl Fn(u64, u32, &mut Vec<u32>)) {
    let (terminator, element, sub) = if masks.release | carry.released == 0 {
        (masks.terminator, masks.element, masks.sub)
    } else {
        let released = released_bytes(masks.release, carry);
        (masks.terminator & !released, masks.element & !released, masks.sub & !released)
    };
    let structural = terminator | element | sub;
    let odd = masks.odd & !(structural | masks.release);
    // Line ends right after a terminator are noise between segments: excuse the run of odd bytes that starts there.
    let starts = odd & (terminator << 1 | carry.after_terminator);
    let (sum, overflow) = odd.overflowing_add(starts);
    let odd = odd & sum;
    carry.after_terminator = u64::from(overflow) | terminator >> 63;

    let first = marks.positions.len() as u32;
    push(structural, base, &mut marks.positions);
    let mut rest = terminator;
    let mut open = u64::MAX;
    while rest != 0 {
        let below = rest ^ (rest - 1);
        let here = open & below;
        let flags = carry.flags | flags_of(sub & here, masks.release & here, odd & here);
        let index = first + (structural & (below >> 1)).count_ones();
        marks.ends.push(index << FLAG_BITS | flags);
        carry.flags = 0;
        open = !below;
        rest &= rest - 1;
    }
    carry.flags |= flags_of(sub & open, masks.release & open, odd & open);
}

#[inline(always)]
fn flags_of(sub: u64, release: u64, odd: u64) -> u32 {
    (u32::from(sub != 0) * HAS_SUB) | (u32::from(release != 0) * HAS_RELEASE) | (u32::from(odd != 0) * HAS_ODD)
}

/// Which bytes a release character protects. A release character that is itself protected protects nothing.
#[inline(always)]
fn released_bytes(release: u64, carry: &mut Carry) -> u64 {
    let mut released = carry.released;
    carry.released = 0;
    let mut rest = release;
    while rest != 0 {
        let place = rest.trailing_zeros();
        if released >> place & 1 == 0 {
            if place == 63 {
                carry.released = 1;
            } else {
                released |= 1 << (place + 1);
            }
        }
        rest &= rest - 1;
    }
    released
}

/// Appends `base` + each set bit. Writes in groups of eight so that the usual block has no unpredictable branch.
#[inline(always)]
fn push_positions(mut bits: u64, base: u32, positions: &mut Vec<u32>) {
    let count = bits.count_ones() as usize;
    positions.reserve(BLOCK);
    let length = positions.len();
    // SAFETY: 64 places beyond `length` are reserved; at most ceil(count / 8) * 8 <= 64 are written, and only `count`
    // of them, all initialised, become part of the vector. `trailing_zeros` of 0 is 64: a harmless value past the end.
    unsafe {
        let mut out = positions.as_mut_ptr().add(length);
        let mut written = 0;
        while written < count {
            for place in 0..8 {
                out.add(place).write(base + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
            out = out.add(8);
            written += 8;
        }
        positions.set_len(length + count);
    }
}

/// The masks of one block, byte by byte.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "other targets and the tests use it"))]
fn masks_scalar(block: &[u8; BLOCK], delimiters: &Delimiters) -> Masks {
    let mut masks = Masks { terminator: 0, element: 0, sub: 0, release: 0, odd: 0 };
    for (place, &byte) in block.iter().enumerate() {
        let bit = 1u64 << place;
        if byte == delimiters.terminator {
            masks.terminator |= bit;
        }
        if byte == delimiters.element {
            masks.element |= bit;
        }
        if byte == delimiters.component || byte == delimiters.repetition {
            masks.sub |= bit;
        }
        if byte == delimiters.release {
            masks.release |= bit;
        }
        if !(0x20..0x80).contains(&byte) {
            masks.odd |= bit;
        }
    }
    masks
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK, Delimiters, Marks, Masks, push_positions, scan_with};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    pub(super) unsafe fn scan_avx2(window: &[u8], delimiters: &Delimiters, marks: &mut Marks) {
        // SAFETY: the caller has detected AVX2 and BMI2, which come together with the others.
        let masks = |block: &[u8; BLOCK], delimiters: &Delimiters| unsafe { masks_avx2(block, delimiters) };
        scan_with(window, delimiters, marks, masks, push_positions);
    }

    /// The numbers of the bytes of a block.
    static PLACES: [u8; BLOCK] = {
        let mut places = [0; BLOCK];
        let mut place = 0;
        while place < BLOCK {
            places[place] = place as u8;
            place += 1;
        }
        places
    };

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,bmi2,popcnt,lzcnt")]
    pub(super) unsafe fn scan_avx512(window: &[u8], delimiters: &Delimiters, marks: &mut Marks) {
        // SAFETY: the caller has detected AVX-512 with BW and VBMI2, and BMI2, which come together with the others.
        let masks = |block: &[u8; BLOCK], delimiters: &Delimiters| unsafe { masks_avx512(block, delimiters) };
        // SAFETY: as above.
        let push = |bits: u64, base: u32, positions: &mut Vec<u32>| unsafe { push_avx512(bits, base, positions) };
        scan_with(window, delimiters, marks, masks, push);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn masks_avx512(block: &[u8; BLOCK], delimiters: &Delimiters) -> Masks {
        // SAFETY: the unaligned load takes just the 64-byte array.
        let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
        Masks {
            terminator: equal(delimiters.terminator),
            element: equal(delimiters.element),
            sub: equal(delimiters.component) | equal(delimiters.repetition),
            release: equal(delimiters.release),
            odd: _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(0x20)),
        }
    }

    /// As [`push_positions`]: the places of the set bits are packed together by one instruction, then widened by sixteen.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    pub(super) unsafe fn push_avx512(bits: u64, base: u32, positions: &mut Vec<u32>) {
        let count = bits.count_ones() as usize;
        positions.reserve(BLOCK);
        let length = positions.len();
        // SAFETY: 64 places beyond `length` are reserved; 16, 32 or 64 of them are written, all
        // initialised, and only `count` of them become part of the vector. PLACES has 64 bytes.
        unsafe {
            let places = _mm512_loadu_si512(PLACES.as_ptr().cast());
            let packed = _mm512_maskz_compress_epi8(bits, places);
            let base = _mm512_set1_epi32(base as i32);
            let out = positions.as_mut_ptr().add(length);
            let store = |part: __m128i, at: usize| {
                _mm512_storeu_si512(out.add(at).cast(), _mm512_add_epi32(_mm512_cvtepu8_epi32(part), base));
            };
            store(_mm512_castsi512_si128(packed), 0);
            if count > 16 {
                store(_mm512_extracti32x4_epi32::<1>(packed), 16);
            }
            if count > 32 {
                store(_mm512_extracti32x4_epi32::<2>(packed), 32);
                store(_mm512_extracti32x4_epi32::<3>(packed), 48);
            }
            positions.set_len(length + count);
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn masks_avx2(block: &[u8; BLOCK], delimiters: &Delimiters) -> Masks {
        // SAFETY: both unaligned loads lie inside the 64-byte array.
        let (low, high) = unsafe {
            let start = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1)))
        };
        let join = |low: __m256i, high: __m256i| {
            u64::from(_mm256_movemask_epi8(low) as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
        };
        let equal = |byte: u8| {
            let wanted = _mm256_set1_epi8(byte as i8);
            join(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted))
        };
        // Signed comparison: bytes from 0x80 are negative, so one test finds them and the control characters.
        let space = _mm256_set1_epi8(0x20);
        Masks {
            terminator: equal(delimiters.terminator),
            element: equal(delimiters.element),
            sub: equal(delimiters.component) | equal(delimiters.repetition),
            release: equal(delimiters.release),
            odd: join(_mm256_cmpgt_epi8(space, low), _mm256_cmpgt_epi8(space, high)),
        }
    }

    /// SSE2 is part of every x86-64, so this needs no detection.
    #[inline]
    pub(super) fn masks_sse2(block: &[u8; BLOCK], delimiters: &Delimiters) -> Masks {
        // SAFETY: the four unaligned loads lie inside the 64-byte array; SSE2 is part of the target.
        unsafe {
            let start = block.as_ptr().cast::<__m128i>();
            let parts: [__m128i; 4] = std::array::from_fn(|part| _mm_loadu_si128(start.add(part)));
            let join = |test: &dyn Fn(__m128i) -> __m128i| {
                parts.iter().enumerate().fold(0u64, |mask, (part, &bytes)| {
                    mask | u64::from(_mm_movemask_epi8(test(bytes)) as u16) << (16 * part)
                })
            };
            let equal = |byte: u8| join(&|bytes| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8)));
            Masks {
                terminator: equal(delimiters.terminator),
                element: equal(delimiters.element),
                sub: equal(delimiters.component) | equal(delimiters.repetition),
                release: equal(delimiters.release),
                odd: join(&|bytes| _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimiter::Standard;
    use proptest::prelude::*;

    fn edifact() -> Delimiters {
        Delimiters {
            standard: Standard::Edifact,
            element: b'+',
            component: b':',
            repetition: b'*',
            terminator: b'\'',
            release: b'?',
            decimal: b'.',
            spaced: false,
        }
    }

    fn x12() -> Delimiters {
        Delimiters {
            standard: Standard::X12,
            element: b'*',
            component: b':',
            repetition: b'^',
            terminator: b'~',
            release: 0xFF,
            decimal: b'.',
            spaced: false,
        }
    }

    fn scanned(bytes: &[u8], delimiters: &Delimiters, lanes: Lanes) -> Marks {
        let mut marks = Marks::default();
        scan(bytes, delimiters, lanes, &mut marks);
        marks
    }

    #[test]
    fn release_parity_decides_over_block_borders() {
        for padding in 0..140 {
            let mut bytes = vec![b'x'; padding];
            bytes.extend_from_slice(b"a??'b?'c???'d'");
            let marks = scanned(&bytes, &edifact(), Lanes::Best);
            let ends: Vec<usize> = marks.positions.iter().map(|&place| place as usize - padding).collect();
            assert_eq!(ends, [3, 13], "padding {padding}");
        }
    }

    #[test]
    fn line_ends_after_a_terminator_are_not_odd() {
        let marks = scanned(b"A*1~\r\nB*2\n~\nC~", &x12(), Lanes::Best);
        let flags: Vec<u32> = marks.ends.iter().map(|end| end & HAS_ODD).collect();
        assert_eq!(flags, [0, HAS_ODD, 0, 0]);
    }

    /// All implementations that this processor has.
    fn lanes() -> Vec<Lanes> {
        #[cfg(target_arch = "x86_64")]
        return vec![Lanes::Best, Lanes::Sse2, Lanes::Avx2];
        #[cfg(not(target_arch = "x86_64"))]
        vec![Lanes::Best]
    }

    /// Two pages between two that nobody may touch: whoever reads a byte too far ends the test.
    #[cfg(target_os = "linux")]
    fn guarded_pages() -> &'static mut [u8] {
        const PAGE: usize = 4096;
        const NONE: i32 = 0;
        const READ_WRITE: i32 = 3;
        const PRIVATE_ANONYMOUS: i32 = 0x22;
        unsafe extern "C" {
            fn mmap(at: *mut u8, length: usize, protection: i32, flags: i32, file: i32, offset: i64) -> *mut u8;
            fn mprotect(at: *mut u8, length: usize, protection: i32) -> i32;
        }
        // SAFETY: a fresh mapping of four pages that is never given back; the slice is of the two that stay open.
        unsafe {
            let start = mmap(std::ptr::null_mut(), 4 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
            assert!(!start.is_null() && start as isize != -1, "four pages");
            assert_eq!(mprotect(start, PAGE, NONE) | mprotect(start.add(3 * PAGE), PAGE, NONE), 0, "two guards");
            std::slice::from_raw_parts_mut(start.add(PAGE), 2 * PAGE)
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn nothing_is_read_before_or_behind_the_window() {
        let pages = guarded_pages();
        let pattern = b"QTY+21:3?'x*~:^'\r\nLIN+1++4000000000001:EN'\xE9\x07";
        for (place, byte) in pages.iter_mut().enumerate() {
            *byte = pattern[place % pattern.len()];
        }
        let end = pages.len();
        for length in 0..=3 * BLOCK + 1 {
            for shift in 0..BLOCK {
                // Against the guard in front, and against the one behind, at every alignment.
                for window in [&pages[shift..shift + length], &pages[end - shift - length..end - shift]] {
                    for delimiters in [edifact(), x12()] {
                        let scalar = scanned(window, &delimiters, Lanes::Scalar);
                        for lanes in lanes() {
                            assert_eq!(
                                scalar,
                                scanned(window, &delimiters, lanes),
                                "{length} bytes, {shift} from the guard"
                            );
                        }
                    }
                }
            }
        }
    }

    /// Runs `push` into room for 64 positions, and looks whether it wrote into what lies behind.
    fn stays_inside(push: impl Fn(u64, u32, &mut Vec<u32>)) {
        const CANARY: u32 = 0xDEAD_BEEF;
        const BEHIND: usize = 64;
        let mut bits = 0x9E37_79B9_7F4A_7C15u64;
        for round in 0..2_000u32 {
            let held = (round % 67) as usize;
            let mut positions = Vec::with_capacity(held + BLOCK + BEHIND);
            positions.resize(held, 7);
            for spare in positions.spare_capacity_mut() {
                spare.write(CANARY);
            }
            bits = bits.rotate_left(7) ^ bits.wrapping_mul(0xD134_2543_DE82_EF95);
            let sparse = [bits, bits & bits.rotate_left(11), u64::MAX, 0, 1 << (round % 64)][(round % 5) as usize];
            push(sparse, 1_000, &mut positions);
            let wanted = (0..64).filter(|place| sparse >> place & 1 == 1).map(|place| 1_000 + place);
            assert!(positions[..held].iter().all(|&kept| kept == 7), "what was there is kept");
            assert_eq!(positions[held..], wanted.collect::<Vec<u32>>(), "{sparse:#x}");
            let length = positions.len();
            let behind = &positions.spare_capacity_mut()[held + BLOCK - length..];
            // SAFETY: all spare places were written above.
            assert!(behind.iter().all(|spare| unsafe { spare.assume_init() } == CANARY), "{sparse:#x}");
        }
    }

    #[test]
    fn nothing_is_written_behind_the_room_that_was_reserved() {
        stays_inside(push_positions);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx512bw") && std::arch::is_x86_feature_detected!("avx512vbmi2") {
            // SAFETY: the features were detected on the line above.
            stays_inside(|bits, base, positions| unsafe { x86::push_avx512(bits, base, positions) });
        }
    }

    proptest! {
        #[test]
        fn vectorised_equals_scalar(bytes in proptest::collection::vec(prop_oneof![
            Just(b'+'), Just(b':'), Just(b'\''), Just(b'?'), Just(b'*'), Just(b'~'), Just(b'\n'), Just(b'\r'), any::<u8>()
        ], 0..400)) {
            for delimiters in [edifact(), x12()] {
                let scalar = scanned(&bytes, &delimiters, Lanes::Scalar);
                prop_assert_eq!(&scalar, &scanned(&bytes, &delimiters, Lanes::Best));
                #[cfg(target_arch = "x86_64")]
                prop_assert_eq!(&scalar, &scanned(&bytes, &delimiters, Lanes::Sse2));
                #[cfg(target_arch = "x86_64")]
                prop_assert_eq!(&scalar, &scanned(&bytes, &delimiters, Lanes::Avx2));
            }
        }
    }
}
