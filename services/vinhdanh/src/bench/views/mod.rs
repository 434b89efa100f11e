//! `--views`: worklists and searches over very many dossiers, through the running services' own calls.
//!
//! - [`people`]: made-up dossiers; [`load`]: puts them into the read models; [`ask`]: the questions.

mod ask;
mod load;
mod people;

use std::time::Duration;

use access::Role;
use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _};
use host::fold;
use proto::intake::v1::Status;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::{
    ask::{Answer, PAGE, Question},
    load::OFFICE,
    people::{OFFICES, STATE, made, name, open_at_office},
};
use super::{
    crew::percentile_ms,
    dossier::DAY,
    ground::{Ground, Site, morning},
    report::rounded,
    work,
};
use crate::{
    client::Failure,
    output::{aligned, note},
    rehearse::scenario::Actor,
};

/// Each kind of question is asked so often, so many at once.
const TIMES: usize = 200;
const AT_ONCE: usize = 4;
/// Of every kind of question.
const P95_MAX_MS: f64 = 50.0;
/// From so many on there is an answer to every question.
const ALL: u64 = 100_000;
/// Rows before a deep page.
const DEEP: usize = 8_000;

/// What came of it.
pub struct Views {
    dossiers: u64,
    setting: String,
    kinds: Vec<Kind>,
    /// An answer that is not as it must be.
    pub problem: Option<String>,
}

struct Kind {
    what: &'static str,
    times: Vec<Duration>,
}

/// Fills the read models and asks.
pub async fn measure(ground: &Ground, dossiers: u64) -> anyhow::Result<Views> {
    // Once up and down, for the tables.
    let now = morning(DAY);
    let site = ground.open(now).await?;
    work::quiet_for_long(&site.stage).await?;
    site.stage.stop().await.context("the services did not stop")?;
    load::load(ground, dossiers).await?;
    let site = ground.open(now).await?;
    let mut views = Views {
        dossiers,
        setting: ground.setting(),
        kinds: Vec::new(),
        problem: None,
    };
    for (what, questions) in questions(&site, dossiers).await? {
        note(what);
        views.ask(&site, what, &questions).await?;
    }
    site.stage.stop().await.context("the services did not stop")?;
    Ok(views)
}

/// All kinds of questions. Of a kind there are several, asked in turn.
async fn questions(site: &Site, all: u64) -> anyhow::Result<Vec<(&'static str, Vec<Question>)>> {
    let officer = |agency: &str| Actor::of(Role::Officer, agency);
    let auditor = || Actor::of(Role::Auditor, "bo-noi-vu");
    let clerks = move || (0..20).map(move |n| Actor::of(Role::Clerk, &made(n * (all / 20), all).proposer));
    let deep = async |question: Question| {
        let client = site.stage.acting(&question.actor)?;
        let turned = question.deep(&client, DEEP).await;
        anyhow::Ok(turned.map_err(Failure::from)?)
    };
    let whole = |number: u64| name(number * 7 % all);
    let half = |name: &str| name.split_once(' ').map_or(String::new(), |(_, rest)| rest.to_owned());
    // Without marks, the last word only begun, as people type.
    let typed = |number: u64| {
        let folded = fold(&whole(number));
        folded[..folded.len() - 1].to_owned()
    };
    let any = Status::Unspecified;
    let tasks = Question::tasks("officer", OFFICE, false, false);
    Ok(vec![
        ("worklist of 10,000: first page", vec![tasks.clone()]),
        ("worklist of 10,000: a deep page", vec![deep(tasks).await?]),
        (
            "worklist of 10,000: mine",
            vec![Question::tasks("cv4", OFFICE, true, false)],
        ),
        (
            "worklist of 10,000: nobody's",
            vec![Question::tasks("officer", OFFICE, false, true)],
        ),
        (
            "worklists of others: first page",
            OFFICES[1..]
                .iter()
                .map(|office| Question::tasks("officer", office, false, false))
                .collect(),
        ),
        (
            "courses of a province: first page",
            OFFICES
                .map(|office| Question::courses(officer(office), "", ""))
                .to_vec(),
        ),
        (
            "courses of a province: a deep page",
            vec![deep(Question::courses(officer(OFFICE), "", "")).await?],
        ),
        (
            "courses of a province: by status and award",
            OFFICES
                .map(|office| Question::courses(officer(office), "awarded", "bang-khen-tinh"))
                .to_vec(),
        ),
        (
            "courses of the State: in review",
            vec![Question::courses(officer(STATE), "in-review", "")],
        ),
        (
            "courses of all: by a rare award",
            vec![Question::courses(auditor(), "", "huan-chuong-lao-dong-hang-ba")],
        ),
        (
            "dossiers of a proposer: first page",
            clerks().map(|clerk| Question::dossiers(clerk, any, "")).collect(),
        ),
        (
            "dossiers of a proposer: refused",
            clerks()
                .map(|clerk| Question::dossiers(clerk, Status::Refused, ""))
                .collect(),
        ),
        (
            "dossiers of all: a deep page",
            vec![deep(Question::dossiers(auditor(), any, "")).await?],
        ),
        (
            "names at a proposer: as typed",
            clerks()
                .zip((0..20).map(|n| n * (all / 20)))
                .map(|(clerk, number)| Question::dossiers(clerk, any, &fold(&half(&name(number)))))
                .collect(),
        ),
        (
            "names of all: whole, with marks",
            (0..50).map(|n| Question::dossiers(auditor(), any, &whole(n))).collect(),
        ),
        (
            "names of all: as typed",
            (0..50).map(|n| Question::dossiers(auditor(), any, &typed(n))).collect(),
        ),
        (
            "names of all: the commonest family",
            vec![Question::dossiers(auditor(), any, "nguyen")],
        ),
        (
            "names of all: the commonest family, a deep page",
            vec![deep(Question::dossiers(auditor(), any, "nguyen")).await?],
        ),
    ])
}

impl Views {
    async fn ask(&mut self, site: &Site, what: &'static str, questions: &[Question]) -> anyhow::Result<()> {
        let mut asked = Vec::new();
        for question in questions {
            asked.push((question, site.stage.acting(&question.actor)?));
        }
        let turns = (0..TIMES).map(|turn| &asked[turn % asked.len()]);
        let done: Vec<(Duration, Answer)> = futures::stream::iter(turns)
            .map(|(question, client)| async move {
                let began = Instant::now();
                let answer = question.ask(client).await.map_err(Failure::from).context(what)?;
                anyhow::Ok((began.elapsed(), answer))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let wrong = done
            .iter()
            .find_map(|(_, answer)| wrong(what, questions, answer, self.dossiers));
        self.problem = self.problem.take().or(wrong);
        let times = done.into_iter().map(|(time, _)| time).collect();
        self.kinds.push(Kind { what, times });
        Ok(())
    }

    fn figures(&self) -> Vec<(&'static str, [f64; 3])> {
        let of = |kind: &Kind| {
            let mut times = kind.times.clone();
            (
                kind.what,
                [0.5, 0.95, 0.99].map(|share| percentile_ms(&mut times, share)),
            )
        };
        self.kinds.iter().map(of).collect()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let kinds = self.figures().into_iter().map(|(what, [p50, p95, p99])| {
            json!({
                "question": what, "p50_ms": rounded(p50), "p95_ms": rounded(p95), "p99_ms": rounded(p99),
                "met": p95 <= P95_MAX_MS,
            })
        });
        json!({
            "dossiers": self.dossiers,
            "setting": self.setting,
            "build": if cfg!(debug_assertions) { "dev" } else { "release" },
            "open_at_one_office": open_at_office(self.dossiers),
            "times_each": TIMES,
            "at_once": AT_ONCE,
            "p95_max_ms": P95_MAX_MS,
            "questions": kinds.collect::<Vec<_>>(),
            "problem": self.problem,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let heading = ["Câu hỏi / question", "p50 ms", "p95 ms", "p99 ms", ""].map(str::to_owned);
        let rows = self.figures().into_iter().map(|(what, figures)| {
            let [p50, p95, p99] = figures.map(|figure| format!("{figure:.1}"));
            let met = if figures[1] <= P95_MAX_MS {
                "✓ đạt / met"
            } else {
                "✗ chưa đạt / missed"
            };
            vec![what.to_owned(), p50, p95, p99, met.to_owned()]
        });
        let table = aligned(&std::iter::once(heading.to_vec()).chain(rows).collect::<Vec<_>>());
        let mut text = format!(
            "{} · {} hồ sơ / dossiers · p95 ≤ {P95_MAX_MS} ms\n{table}",
            self.setting, self.dossiers
        );
        if let Some(problem) = &self.problem {
            text.push_str("\n✗ ");
            text.push_str(problem);
        }
        text
    }
}

/// What is wrong with an answer, if anything is.
fn wrong(what: &str, questions: &[Question], answer: &Answer, all: u64) -> Option<String> {
    let rows = answer.candidates.len();
    // Among few dossiers none may be refused.
    if (rows == 0 && all >= ALL) || rows > PAGE as usize {
        return Some(format!("{what}: a page of {rows} rows"));
    }
    if what == "worklist of 10,000: first page" && answer.total as u64 != open_at_office(all) {
        return Some(format!("{what}: {} in all, not {}", answer.total, open_at_office(all)));
    }
    let looked_for: Vec<String> = questions
        .iter()
        .filter_map(|question| match &question.list {
            ask::List::Dossiers(request) if !request.candidate.is_empty() => Some(fold(&request.candidate)),
            _ => None,
        })
        .collect();
    let found = |candidate: &String| looked_for.iter().any(|one| fold(candidate).contains(one.as_str()));
    let strange = answer.candidates.iter().find(|candidate| !found(candidate));
    strange
        .filter(|_| !looked_for.is_empty())
        .map(|candidate| format!("{what}: {candidate} is not what was looked for"))
}
