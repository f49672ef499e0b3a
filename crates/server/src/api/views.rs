//! Views of lists that people have saved for themselves: a name, a screen, a query.

use super::call::{Call, json};
use super::input::{Json, Nothing};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::ReadOrders;
use crate::problem::{Kind, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const GROUP: &str = "Session";
const KIND: &str = "view";
/// Views that one person keeps: more are no longer found at a glance.
const VIEWS_MAX: usize = 50;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/session/views", ReadOrders, GROUP, "One's saved views of lists"), list);
    api.add(Route::put("/v1/session/views/{view}", ReadOrders, GROUP, "Save a view of a list").creates(), put);
    api.add(Route::delete("/v1/session/views/{view}", ReadOrders, GROUP, "Forget a saved view"), delete);
}

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedView)]
pub(super) struct SavedView {
    /// Its name in the path.
    id: String,
    #[serde(flatten)]
    #[schema(inline)]
    view: SavedViewBody,
}

/// What a view shows.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SavedViewBody {
    /// As its owner calls it; 1 to 60 characters.
    title: String,
    /// Which list: `cases`, `orders`, `approvals`, …
    screen: String,
    /// The query of the list, as in its address.
    query: String,
}

impl SavedViewBody {
    fn fault(&self) -> Option<(&'static str, &str, &'static str)> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        match self {
            v if v.title.trim().is_empty() || v.title.chars().count() > 60 => {
                Some(("/title", &v.title, "a title has 1 to 60 characters"))
            }
            v if !plain(&v.screen) || v.screen.len() > 40 => Some(("/screen", &v.screen, "name a list, such as cases")),
            v if v.query.len() > 1_000 => Some(("/query", "", "a query has at most 1,000 characters")),
            _ => None,
        }
    }
}

fn prefix(call: &Call) -> String {
    format!("{}\n", call.caller().actor.name())
}

async fn mine(call: &Call) -> Result<Vec<SavedView>, Problem> {
    let prefix = prefix(call);
    let all = call.read(move |store| {
        let read = |(id, body): (String, String)| {
            let id = id.strip_prefix(&prefix)?.to_owned();
            Some(SavedView { id, view: serde_json::from_str(&body).ok()? })
        };
        Ok(store.settings(KIND)?.into_iter().filter_map(read).collect())
    });
    all.await
}

async fn list(call: Call, _: Nothing) -> Result<Page<SavedView>, Problem> {
    Ok(Page::whole(mine(&call).await?))
}

async fn put(call: Call, body: Json<SavedViewBody>) -> Result<Reply<SavedView>, Problem> {
    let (id, view) = (call.part("view").to_owned(), body.value);
    if id.is_empty() || id.len() > 80 || id.contains('\n') {
        return Err(Problem::field("{view}", id, "invalid", "a view's name in the path has 1 to 80 characters"));
    }
    if let Some((pointer, value, sentence)) = view.fault() {
        return Err(Problem::field(pointer, value, "invalid", sentence));
    }
    let (all, only_new) = (mine(&call).await?, call.creates_only()?);
    if all.len() >= VIEWS_MAX && all.iter().all(|v| v.id != id) {
        return Err(Problem::new(Kind::NotNow, format!("you keep {VIEWS_MAX} views already: forget one first")));
    }
    let (key, text) = (format!("{}{id}", prefix(&call)), json(&view));
    let version = only_new.then_some(0);
    if !call.read(move |store| store.put_setting(KIND, &key, version, Some(&text))).await? {
        return Err(Problem::taken("{view}", &id, "you keep a view of this name already: choose another name"));
    }
    Ok(Reply::of(&SavedView { id, view }))
}

async fn delete(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let key = format!("{}{}", prefix(&call), call.part("view"));
    let gone = call.read(move |store| match store.setting(KIND, &key)? {
        Some(_) => store.put_setting(KIND, &key, None, None),
        None => Ok(false),
    });
    match gone.await? {
        true => Ok(NoContent::default()),
        false => Err(Problem::new(Kind::NotFound, "there is no such view of yours")),
    }
}
