//! How far the chances of acceptance can be trusted, and what they rest on.

use super::call::Call;
use super::input::Nothing;
use super::output::Reply;
use super::route::{Api, Route};
use crate::auth::Permission::ReadReports;
use crate::problem::Problem;
use countersign_engine::calibration::CERTAIN;
use countersign_runtime::learn::Learnt;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/reports/calibration", ReadReports, "Reports", "How good the learnt chances of acceptance are")
            .words(
                "Every chance is judged by the answer that came after it, and only then learnt from. The Brier score is \
                 the mean squared error: smaller is better; beside it the score of always telling the share of all \
                 answers so far. This process's own reading of the journal's last entries.",
            ),
        get,
    );
}

/// The learnt chances, judged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalibrationReport)]
pub(super) struct View {
    /// The journal was read up to here.
    position: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    as_of: Option<Timestamp>,
    /// Answers learnt from.
    answers: u32,
    /// Of them, those that accepted all of it in time.
    accepted: u32,
    /// Answers whose chance had been told before.
    judged: u64,
    /// Mean squared error of the chances, as a decimal string.
    brier: Option<String>,
    /// The same, had always the share of all answers so far been told.
    base_rate_brier: Option<String>,
    /// The reliability diagram.
    tenths: Vec<TenthView>,
    sources: Vec<SourceView>,
}

/// One tenth of the chances told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalibrationTenth)]
struct TenthView {
    /// From this chance on, as a decimal string.
    from: String,
    answers: u64,
    /// The chance told, on average.
    expected: Option<String>,
    /// The share that accepted.
    accepted: Option<String>,
}

/// What a source's answers amount to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalibrationSource)]
struct SourceView {
    source: String,
    answers: u32,
    accepted: u32,
}

fn decimal(millionths: u64) -> String {
    format!("{}.{:06}", millionths / CERTAIN, millionths % CERTAIN)
}

impl From<&Learnt> for View {
    fn from(learnt: &Learnt) -> Self {
        let (calibration, judged) = (&learnt.calibration, &learnt.judged);
        let answers = judged.answers();
        let tenth = |(n, t): (usize, &countersign_runtime::learn::Tenth)| TenthView {
            from: format!("0.{n}"),
            answers: t.answers,
            expected: t.chances.checked_div(t.answers).map(decimal),
            accepted: (t.accepted * CERTAIN).checked_div(t.answers).map(decimal),
        };
        let source =
            |(id, evidence): (&countersign_engine::ids::SourceId, &countersign_engine::calibration::Evidence)| {
                let total = evidence.total;
                SourceView { source: id.to_string(), answers: total.asked, accepted: total.accepted }
            };
        Self {
            position: calibration.position,
            as_of: calibration.as_of,
            answers: calibration.all.total.asked,
            accepted: calibration.all.total.accepted,
            judged: answers,
            brier: judged.errors.checked_div(answers).map(decimal),
            base_rate_brier: judged.base_errors.checked_div(answers).map(decimal),
            tenths: judged.tenths.iter().enumerate().map(tenth).collect(),
            sources: calibration.sources.iter().map(source).collect(),
        }
    }
}

async fn get(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    Ok(Reply::of(&View::from(call.app().office().learnt().as_ref())))
}
