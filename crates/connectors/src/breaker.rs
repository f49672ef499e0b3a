//! Keeps a sick vendor from being asked, and a vendor that has just recovered from being trampled.
//!
//! Pure: time is an argument, a steady duration since any fixed moment. Knows nothing of what is asked.

use std::time::Duration;

/// A probe that never reports (its task was dropped) is given up after this; longer than any call may last.
const PROBE_MAX: Duration = Duration::from_secs(120);

/// Calls per second in the first second after a recovery; a vendor that has just come back is met gently.
const HERD_FIRST_PER_S: u32 = 20;

/// After so many doublings, one a second, the slow start is over (20 · 2^8 is more than any vendor is asked).
const HERD_DOUBLINGS: u64 = 8;

/// A pause asked for by the other side is honoured up to this; a mistake there must not silence it for a day.
pub const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// When a circuit opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open at first; doubles with each failed probe.
    pub open_first: Duration,
    /// It never stays open longer than this without a probe.
    pub open_max: Duration,
    /// Calls per second, if the vendor has asked for a limit.
    pub rate_per_s: Option<u32>,
}

impl Rules {
    /// For questions within a checkout: one timeout is enough, a checkout never pays twice.
    pub fn questions() -> Self {
        Self { failures: 1, open_first: Duration::from_secs(2), open_max: Duration::from_secs(60), rate_per_s: None }
    }

    /// For papers: they wait in the outbox anyway, so a few failures are allowed.
    pub fn papers() -> Self {
        Self { failures: 5, open_first: Duration::from_secs(1), open_max: Duration::from_secs(60), rate_per_s: None }
    }
}

/// May a call be made now?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Yes. Its outcome must be reported.
    Go,
    /// Yes, as the one call that finds out whether the other side is back. Its outcome must be reported.
    Probe,
    /// Not so fast; after this long there is room.
    Pace(Duration),
    /// No; the earliest probe is after this long.
    Open(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration, length: Duration },
    HalfOpen { lapses: Duration, length: Duration },
}

/// Closed, open or half open, for one vendor and one kind of call.
#[derive(Debug)]
pub struct Breaker {
    rules: Rules,
    state: State,
    /// When the circuit last closed after having been open.
    recovered: Option<Duration>,
    /// The other side asked for silence until then.
    paused: Duration,
    pace: Pace,
}

impl Breaker {
    /// A closed one.
    pub fn new(rules: Rules) -> Self {
        let state = State::Closed { failures: 0 };
        Self { rules, state, recovered: None, paused: Duration::ZERO, pace: Pace::default() }
    }

    /// Asks for one call.
    pub fn permit(&mut self, now: Duration) -> Permit {
        if now < self.paused {
            return Permit::Open(self.paused - now);
        }
        match self.state {
            State::Closed { .. } => match self.rate(now).map(|rate| self.pace.take(now, rate)) {
                Some(Err(wait)) => Permit::Pace(wait),
                None | Some(Ok(())) => Permit::Go,
            },
            State::Open { until, .. } if now < until => Permit::Open(until - now),
            State::HalfOpen { lapses, .. } if now < lapses => Permit::Open(Duration::from_secs(1).min(lapses - now)),
            State::Open { length, .. } | State::HalfOpen { length, .. } => {
                self.state = State::HalfOpen { lapses: now + PROBE_MAX, length };
                Permit::Probe
            }
        }
    }

    /// The other side answered like a healthy one (a refusal is healthy, too).
    pub fn succeeded(&mut self, now: Duration) {
        match self.state {
            State::Closed { .. } => self.state = State::Closed { failures: 0 },
            State::HalfOpen { .. } => {
                self.state = State::Closed { failures: 0 };
                self.recovered = Some(now);
                self.pace = Pace::default();
            }
            // A call that started before the circuit opened; the probe decides.
            State::Open { .. } => {}
        }
    }

    /// The other side did not answer, or answered like a sick one.
    pub fn failed(&mut self, now: Duration) {
        match self.state {
            State::Closed { failures } if failures + 1 < self.rules.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            State::Closed { .. } => self.open(now, self.rules.open_first),
            State::HalfOpen { length, .. } => self.open(now, (length * 2).min(self.rules.open_max)),
            State::Open { .. } => {}
        }
    }

    fn open(&mut self, now: Duration, length: Duration) {
        self.state = State::Open { until: now + length, length };
    }

    /// The other side asked to be left alone for so long (`Retry-After`).
    pub fn pause(&mut self, now: Duration, wish: Duration) {
        self.paused = self.paused.max(now + wish.min(PAUSE_MAX));
    }

    /// True while calls are turned away without being tried.
    pub fn is_open(&self, now: Duration) -> bool {
        now < self.paused || !matches!(self.state, State::Closed { .. })
    }

    /// The word for screens and metrics.
    pub fn word(&self, now: Duration) -> &'static str {
        match self.state {
            _ if now < self.paused => "paused",
            State::Closed { .. } => "closed",
            State::Open { .. } => "open",
            State::HalfOpen { .. } => "half_open",
        }
    }

    /// Calls per second that are allowed now; none is no limit.
    fn rate(&self, now: Duration) -> Option<u32> {
        let since_s = self.recovered.map_or(HERD_DOUBLINGS, |recovered| now.saturating_sub(recovered).as_secs());
        if since_s >= HERD_DOUBLINGS {
            return self.rules.rate_per_s;
        }
        let herd = HERD_FIRST_PER_S << since_s;
        Some(self.rules.rate_per_s.map_or(herd, |rate| rate.min(herd)))
    }
}

/// A token bucket of one second's worth, as the time at which it would be empty.
#[derive(Debug, Default)]
struct Pace {
    empty: Duration,
}

impl Pace {
    /// Takes one token, or says how long to wait for it.
    fn take(&mut self, now: Duration, rate_per_s: u32) -> Result<(), Duration> {
        let token = Duration::from_secs(1) / rate_per_s.max(1);
        // The bucket never holds more than a tenth of a second: a burst of a whole second's worth is a herd again.
        let next = self.empty.max(now.saturating_sub(Duration::from_millis(100))) + token;
        if next > now + token {
            return Err(next - now - token);
        }
        self.empty = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Tells a story: what is done at which millisecond, and the state afterwards.
    fn story(rules: Rules, steps: &[(u64, &str, &str)]) {
        let mut breaker = Breaker::new(rules);
        for (at, what, after) in steps {
            let now = ms(*at);
            match *what {
                "ok" => breaker.succeeded(now),
                "fail" => breaker.failed(now),
                "pause 5s" => breaker.pause(now, ms(5_000)),
                "pause 9h" => breaker.pause(now, ms(9 * 3_600_000)),
                wanted => {
                    let permit = match breaker.permit(now) {
                        Permit::Go => "go".to_owned(),
                        Permit::Probe => "probe".to_owned(),
                        Permit::Pace(wait) => format!("pace {}", wait.as_millis()),
                        Permit::Open(wait) => format!("open {}", wait.as_millis()),
                    };
                    assert_eq!(permit, wanted, "at {at}");
                }
            }
            assert_eq!(breaker.word(now), *after, "at {at} after {what}");
        }
    }

    #[test]
    fn one_timeout_of_a_question_is_enough_and_probes_double_their_distance() {
        story(
            Rules::questions(),
            &[
                (0, "go", "closed"),
                (300, "fail", "open"),
                (301, "open 1999", "open"),
                (2_300, "probe", "half_open"),
                (2_301, "open 1000", "half_open"),
                (2_600, "fail", "open"),
                (2_600, "open 4000", "open"),
                (6_600, "probe", "half_open"),
                (6_610, "ok", "closed"),
                (6_611, "go", "closed"),
            ],
        );
    }

    #[test]
    fn papers_allow_a_few_failures_in_a_row() {
        story(
            Rules::papers(),
            &[
                (0, "fail", "closed"),
                (1, "fail", "closed"),
                (2, "fail", "closed"),
                (3, "fail", "closed"),
                (4, "ok", "closed"),
                (5, "fail", "closed"),
                (6, "fail", "closed"),
                (7, "fail", "closed"),
                (8, "fail", "closed"),
                (9, "fail", "open"),
                (10, "ok", "open"),
                (11, "fail", "open"),
                (1_009, "probe", "half_open"),
            ],
        );
    }

    #[test]
    fn a_lost_probe_lapses() {
        story(
            Rules::questions(),
            &[
                (0, "fail", "open"),
                (2_000, "probe", "half_open"),
                (121_999, "open 1", "half_open"),
                (122_000, "probe", "half_open"),
            ],
        );
    }

    #[test]
    fn a_wish_for_silence_is_honoured_within_reason() {
        story(
            Rules::papers(),
            &[
                (0, "pause 5s", "paused"),
                (1, "open 4999", "paused"),
                (5_000, "go", "closed"),
                (6_000, "pause 9h", "paused"),
                (6_000, "open 3600000", "paused"),
            ],
        );
    }

    #[test]
    fn the_distance_of_probes_has_an_end() {
        let mut breaker = Breaker::new(Rules::papers());
        (0..5).for_each(|_| breaker.failed(ms(0)));
        let mut now = ms(0);
        for _ in 0..20 {
            now += match breaker.permit(now) {
                Permit::Open(wait) => wait,
                permit => panic!("{permit:?}"),
            };
            assert_eq!(breaker.permit(now), Permit::Probe);
            breaker.failed(now);
        }
        assert_eq!(breaker.permit(now), Permit::Open(Duration::from_secs(60)));
    }

    #[test]
    fn after_a_recovery_the_herd_is_let_in_slowly() {
        let mut breaker = Breaker::new(Rules::questions());
        breaker.failed(ms(0));
        assert_eq!(breaker.permit(ms(2_000)), Permit::Probe);
        breaker.succeeded(ms(2_000));
        let mut seconds = Vec::new();
        for second in 2..12_u64 {
            let let_in = (0..10_000)
                .filter(|i| breaker.permit(ms(second * 1_000) + Duration::from_micros(i * 100)) == Permit::Go);
            seconds.push(let_in.count());
        }
        for (second, let_in) in seconds.iter().enumerate().take(8) {
            let limit = 20_usize << second;
            assert!((limit..=limit + limit / 8 + 2).contains(let_in), "{seconds:?}");
        }
        assert_eq!(seconds[8..], [10_000, 10_000]);
    }

    #[test]
    fn a_rate_that_the_vendor_asked_for_holds_always() {
        let mut breaker = Breaker::new(Rules { rate_per_s: Some(50), ..Rules::papers() });
        let let_in = (0..10_000).filter(|i| breaker.permit(ms(*i)) == Permit::Go).count();
        assert!((500..=506).contains(&let_in), "{let_in}");
    }
}
