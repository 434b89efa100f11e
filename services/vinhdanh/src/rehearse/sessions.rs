//! What councils do: convene, attend, vote, close, minute.

use anyhow::Context;
use host::entropy::fresh_id;
use proto::council::v1::{
    CastBallotRequest, Choice, CloseSessionRequest, ConveneSessionRequest, MinuteSessionRequest,
    RecordAttendanceRequest, RecuseMemberRequest,
};

use super::{
    player::{Player, Trouble, member},
    scenario::Actor,
    verbs::{Attend, Convene, InSession, Recuse, Vote},
};
use crate::client::{Client, Failure};

/// A session behind a scenario's name.
pub struct SessionRef {
    /// The server's id; `None` if convening was refused.
    id: Option<String>,
    /// The agency whose council meets.
    council: String,
}

impl Player<'_> {
    /// Calls a session; the name holds even when refused, so that later steps can say whose council was meant.
    pub(super) async fn convene(&mut self, convene: &Convene, client: &Client) -> Result<(), Trouble> {
        let council = &convene.council;
        self.sessions.insert(
            convene.session.clone(),
            SessionRef {
                id: None,
                council: council.clone(),
            },
        );
        let request = ConveneSessionRequest {
            request_id: fresh_id(),
            council: council.clone(),
            members: subjects(&convene.members.names(), council),
            agenda: convene.agenda.0.iter().map(|id| self.dossier(id)).collect(),
            kind: String::new(),
        };
        let session = client.council().convene_session(request).await?.into_inner();
        let reference = SessionRef {
            id: Some(session.session),
            council: council.clone(),
        };
        self.sessions.insert(convene.session.clone(), reference);
        Ok(())
    }

    /// Records who is there and who writes.
    pub(super) async fn attend(&self, attend: &Attend, client: &Client) -> Result<(), Trouble> {
        let (session, council) = self.session(&attend.session)?;
        let request = RecordAttendanceRequest {
            request_id: fresh_id(),
            session,
            present: subjects(&attend.present, council),
            writing: subjects(&attend.writing, council),
            etag: String::new(),
        };
        client.council().record_attendance(request).await?;
        Ok(())
    }

    /// Takes a member off the vote on one dossier.
    pub(super) async fn recuse(&self, recuse: &Recuse, client: &Client) -> Result<(), Trouble> {
        let (session, council) = self.session(&recuse.session)?;
        let request = RecuseMemberRequest {
            request_id: fresh_id(),
            session,
            member: subject(&recuse.member, council),
            dossier: self.dossier(&recuse.dossier),
            ground: String::new(),
        };
        client.council().recuse_member(request).await?;
        Ok(())
    }

    /// Casts ballots, one call a member. If a refusal is `expected` all members vote, and any refusal counts.
    pub(super) async fn vote(&self, vote: &Vote, actor: Option<&Actor>, expected: bool) -> Result<(), Trouble> {
        let (session, council) = self.session(&vote.session)?;
        let dossier = self.dossier(&vote.dossier);
        let mut refusal = None::<Failure>;
        for (names, choice) in [
            (&vote.yes, Choice::Yes),
            (&vote.no, Choice::No),
            (&vote.blank, Choice::Blank),
        ] {
            for name in names {
                let client = self.stage.acting(&member(name, actor, council))?;
                let request = CastBallotRequest {
                    request_id: fresh_id(),
                    session: session.clone(),
                    dossier: dossier.clone(),
                    choice: choice.into(),
                    slip: String::new(),
                };
                match client.council().cast_ballot(request).await {
                    Ok(_) => {}
                    Err(status) if expected => {
                        refusal.get_or_insert(status.into());
                    }
                    Err(status) => return Err(with_voter(status.into(), name)),
                }
            }
        }
        refusal.map_or(Ok(()), |failure| Err(Trouble::Refused(failure)))
    }

    /// Counts and concludes.
    pub(super) async fn close(&self, close: &InSession, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&close.session)?;
        let request = CloseSessionRequest {
            request_id: fresh_id(),
            session,
            etag: String::new(),
        };
        client.council().close_session(request).await?;
        Ok(())
    }

    /// Writes the minutes.
    pub(super) async fn minute(&self, minute: &InSession, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&minute.session)?;
        let request = MinuteSessionRequest {
            request_id: fresh_id(),
            session,
            etag: String::new(),
        };
        client.council().minute_session(request).await?;
        Ok(())
    }

    /// The server's id of a session (its name, if convening was refused: the server shall refuse it) and its council.
    fn session(&self, name: &str) -> anyhow::Result<(String, &str)> {
        let session = self
            .sessions
            .get(name)
            .with_context(|| format!("no step convened session {name}"))?;
        Ok((session.id.clone().unwrap_or_else(|| name.to_owned()), &session.council))
    }
}

/// Says whose ballot was refused.
fn with_voter(mut failure: Failure, name: &str) -> Trouble {
    failure.fields.push(("member".to_owned(), name.to_owned()));
    Trouble::Refused(failure)
}

fn subject(name: &str, council: &str) -> String {
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{name}@{council}")
    }
}

fn subjects(names: &[String], council: &str) -> Vec<String> {
    names.iter().map(|name| subject(name, council)).collect()
}
