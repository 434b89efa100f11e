//! Plays steps one after the other, through the public API alone.

use std::collections::BTreeMap;

use access::Role;
use anyhow::Context;
use proto::intake::v1::CheckDossierRequest;
use tonic::Status;

use super::{
    dossier::DossierFile,
    expect::Mismatch,
    quiet,
    receivers::Receivers,
    scenario::{Actor, Step},
    sessions::SessionRef,
    span::{self, When},
    stage::Stage,
    values::Disturbance,
    verbs::Verb,
};
use crate::client::{Client, Failure};

/// Why a step did not go through.
#[derive(Debug)]
pub enum Trouble {
    /// A service refused it.
    Refused(Failure),
    /// It is not as expected.
    Otherwise(Vec<Mismatch>),
    /// It could not be played at all.
    Impossible(anyhow::Error),
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Refused(status.into())
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Impossible(error)
    }
}

/// How a step went.
#[derive(Debug)]
pub enum Verdict {
    /// As written.
    AsWritten,
    /// Refused, as written: the refusal.
    RefusedAsWritten(Failure),
    /// Otherwise: what was expected and what came, one pair for each thing.
    Not(Vec<Mismatch>),
}

/// Plays one scenario: knows the server's ids behind the scenario's names.
pub struct Player<'a> {
    pub(super) stage: Stage,
    pub(super) files: &'a BTreeMap<String, DossierFile>,
    pub(super) dossiers: BTreeMap<String, String>,
    pub(super) sessions: BTreeMap<String, SessionRef>,
    /// Bulk acts, by the scenario's names.
    pub(super) jobs: BTreeMap<String, String>,
    /// Entries of paper awards, by the scenario's names.
    pub(super) entries: BTreeMap<String, String>,
    pub(super) receivers: Receivers,
    /// The newest check, as the service printed it.
    pub(super) checked: Option<serde_json::Value>,
    bus_is_away: bool,
}

impl<'a> Player<'a> {
    /// A player of a scenario with these dossier files, and with subscribers of its own.
    pub fn new(stage: Stage, files: &'a BTreeMap<String, DossierFile>, receivers: Receivers) -> Self {
        Self {
            stage,
            files,
            dossiers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            jobs: BTreeMap::new(),
            entries: BTreeMap::new(),
            receivers,
            checked: None,
            bus_is_away: false,
        }
    }

    /// Gives the stage back, to be stopped.
    pub fn into_stage(self) -> Stage {
        self.stage
    }

    /// Plays a step once all is quiet, and judges what came of it.
    pub async fn play(&mut self, step: &Step) -> Verdict {
        let came = match self.rest().await {
            Ok(()) => self.act(step).await,
            Err(error) => Err(Trouble::Impossible(error)),
        };
        judge(step.refused.as_deref(), came)
    }

    async fn rest(&self) -> anyhow::Result<()> {
        if self.bus_is_away {
            quiet::wait_for_answers(&self.stage).await
        } else {
            quiet::wait(&self.stage).await
        }
    }

    /// Moves the clock. What falls due sets new timers where somebody is told of it and fails to answer: then the
    /// clock goes by stages, so that all of them fall due on their way.
    async fn advance(&self, when: When) -> Result<(), Trouble> {
        let from = self.stage.now().await?;
        let to = when.from(from)?;
        let stops = if self.receivers.is_empty() {
            Vec::new()
        } else {
            span::stops(from, to)
        };
        for stop in stops {
            self.stage.advance(stop).await?;
            self.rest().await?;
        }
        self.stage.advance(to).await
    }

    async fn act(&mut self, step: &Step) -> Result<(), Trouble> {
        match &step.verb {
            Verb::Advance(when) => self.advance(*when).await,
            Verb::Restart(services) => Ok(self.stage.restart(&services.0).await?),
            Verb::Bus(how) => {
                self.stage.disturb(*how).await?;
                match how {
                    Disturbance::Down => self.bus_is_away = true,
                    Disturbance::Up => self.bus_is_away = false,
                    Disturbance::Lose => {}
                }
                Ok(())
            }
            Verb::Check(check) => {
                let file = self.file(&check.0)?;
                let client = match &step.actor {
                    Some(actor) => self.stage.acting(actor)?,
                    None => self.stage.auditor()?,
                };
                let request = CheckDossierRequest {
                    content: file.content(),
                    on: String::new(),
                };
                let answer = client.intake().check_dossier(request).await?.into_inner();
                self.checked = Some(serde_json::from_str(&answer.check).context("the check is not JSON")?);
                Ok(())
            }
            Verb::Expect(expect) => self.expect(expect).await,
            Verb::Receiver(receiver) => {
                self.receivers.answer_next(&receiver.id, &receiver.answers);
                Ok(())
            }
            Verb::Vote(vote) => self.vote(vote, step.actor.as_ref(), step.refused.is_some()).await,
            verb => {
                let actor = step
                    .actor
                    .as_ref()
                    .context("nobody acts in this step: name them with `as`")?;
                let client = self.stage.acting(actor)?;
                self.act_as(verb, actor, &client).await
            }
        }
    }

    async fn act_as(&mut self, verb: &Verb, actor: &Actor, client: &Client) -> Result<(), Trouble> {
        match verb {
            Verb::Submit(submit) => self.submit(submit, actor, client).await,
            Verb::Supplement(supplement) => self.supplement(supplement, client).await,
            Verb::Delegate(delegate) => self.delegate(delegate, actor, client).await,
            Verb::Assign(assign) => self.assign(assign, actor, client).await,
            Verb::Convene(convene) => self.convene(convene, client).await,
            Verb::Attend(attend) => self.attend(attend, client).await,
            Verb::Recuse(recuse) => self.recuse(recuse, actor, client).await,
            Verb::Bulk(bulk) => self.bulk(bulk, client).await,
            Verb::Record(record) => self.record(record, client).await,
            Verb::AmendRecord(amend) => self.amend_record(amend, client).await,
            Verb::Constitute(constitute) => self.constitute(constitute, client).await,
            Verb::Add(add) => self.add(add, client).await,
            Verb::Invite(invite) => self.invite(invite, client).await,
            Verb::Adjourn(adjourn) => self.adjourn(adjourn, client).await,
            Verb::Cancel(cancel) => self.cancel(cancel, client).await,
            Verb::Declare(declare) => self.declare(declare, client).await,
            Verb::SignMinutes(session) => self.sign_minutes(session, client).await,
            Verb::Close(session) => self.close(session, client).await,
            Verb::Minute(session) => self.minute(session, client).await,
            Verb::Subscribe(subscribe) => {
                let mut filter = subscribe.filter.clone();
                if let Some(dossier) = filter.get_mut("dossier") {
                    *dossier = self.dossier(dossier);
                }
                self.receivers.subscribe(subscribe, filter, client).await
            }
            verb => self.act_on_course(verb, client).await,
        }
    }

    /// The server's id of a dossier. A name that was never submitted goes as it is, for the server to refuse.
    pub(super) fn dossier(&self, id: &str) -> String {
        self.dossiers.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    pub(super) fn file(&self, written: &str) -> anyhow::Result<&'a DossierFile> {
        self.files
            .get(written)
            .with_context(|| format!("the dossier file {written} was not read"))
    }
}

/// Whether `actor` may be left out for a member: each member acts for themselves.
pub(super) fn member(subject: &str, actor: Option<&Actor>, council: &str) -> Actor {
    let (name, agency) = subject.split_once('@').unwrap_or((subject, council));
    let (role, agency) = actor.map_or((Role::Member, agency), |actor| (actor.role, actor.agency.as_str()));
    Actor {
        name: name.to_owned(),
        role,
        agency: agency.to_owned(),
    }
}

fn judge(refused: Option<&str>, came: Result<(), Trouble>) -> Verdict {
    let otherwise = |what: &str, expected: String, came: String| {
        Verdict::Not(vec![Mismatch {
            what: what.to_owned(),
            expected,
            came,
        }])
    };
    match (refused, came) {
        (None, Ok(())) => Verdict::AsWritten,
        (None, Err(Trouble::Refused(failure))) => otherwise("outcome", "done".to_owned(), failure.to_string()),
        (Some(code), Err(Trouble::Refused(failure))) if is(&failure, code) => Verdict::RefusedAsWritten(failure),
        (Some(code), Err(Trouble::Refused(failure))) => {
            otherwise("outcome", format!("refused: {code}"), failure.to_string())
        }
        (Some(code), Ok(())) => otherwise("outcome", format!("refused: {code}"), "done".to_owned()),
        (_, Err(Trouble::Otherwise(mismatches))) => Verdict::Not(mismatches),
        (_, Err(Trouble::Impossible(error))) => otherwise("outcome", "played".to_owned(), format!("{error:#}")),
    }
}

/// Whether a refusal has this gRPC code or this ErrorInfo reason.
pub(super) fn is(failure: &Failure, code: &str) -> bool {
    failure.code == code || failure.reason == code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Result<(), Trouble> {
        Err(Trouble::Refused(Failure {
            code: "FAILED_PRECONDITION",
            reason: "NO_QUORUM".to_owned(),
            vi: String::new(),
            en: String::new(),
            fields: Vec::new(),
        }))
    }

    #[test]
    fn a_refusal_is_met_by_its_code_or_its_reason_and_by_nothing_else() {
        assert!(matches!(
            judge(Some("NO_QUORUM"), refusal()),
            Verdict::RefusedAsWritten(_)
        ));
        assert!(matches!(
            judge(Some("FAILED_PRECONDITION"), refusal()),
            Verdict::RefusedAsWritten(_)
        ));
        assert!(matches!(judge(Some("RECUSED"), refusal()), Verdict::Not(_)));
        assert!(matches!(judge(Some("RECUSED"), Ok(())), Verdict::Not(_)));
        assert!(matches!(judge(None, refusal()), Verdict::Not(_)));
        assert!(matches!(judge(None, Ok(())), Verdict::AsWritten));
        let broken = Err(Trouble::Impossible(anyhow::anyhow!("no such session")));
        assert!(matches!(judge(Some("NO_QUORUM"), broken), Verdict::Not(_)));
    }

    #[test]
    fn a_member_votes_at_the_council_unless_the_step_says_otherwise() {
        assert_eq!(
            member("m1", None, "tinh-hung-yen").to_string(),
            "m1=member@tinh-hung-yen"
        );
        assert_eq!(
            member("m1@tinh-vinh-long", None, "tinh-hung-yen").subject(),
            "m1@tinh-vinh-long"
        );
        let officer: Actor = "officer@tinh-hung-yen".parse().unwrap();
        assert_eq!(
            member("m1", Some(&officer), "x").to_string(),
            "m1=officer@tinh-hung-yen"
        );
    }
}
