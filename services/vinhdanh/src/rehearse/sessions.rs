//! What councils do: convene, attend, vote, close, minute.

use access::Role;
use anyhow::Context;
use host::entropy::fresh_id;
use proto::council::v1::{
    AddItemsRequest, AdjournSessionRequest, CancelSessionRequest, CastBallotRequest, Choice, CloseSessionRequest,
    ConveneSessionRequest, DeclareInterestRequest, GetSessionRequest, InviteMembersRequest, MinuteSessionRequest,
    RecordAttendanceRequest, RecuseMemberRequest, Session, SignMinutesRequest,
};

use super::{
    player::{Player, Trouble, member},
    scenario::Actor,
    span::micros,
    values::Members,
    verbs::{Add, Adjourn, Attend, Cancel, Convene, Declare, InSession, Invite, Recuse, Vote},
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
            members: subjects(
                &convene.members.as_ref().map(Members::names).unwrap_or_default(),
                council,
            ),
            agenda: convene.agenda.0.iter().map(|id| self.dossier(id)).collect(),
            kind: convene.kind.clone(),
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

    /// Takes a member off the vote on one dossier: the secretary does, or the member declares an interest.
    pub(super) async fn recuse(&self, recuse: &Recuse, actor: &Actor, client: &Client) -> Result<(), Trouble> {
        let (session, council) = self.session(&recuse.session)?;
        let themselves = member(&recuse.member, Some(actor), council);
        if actor.role == Role::Member && (themselves == *actor || actor.name == Role::Member.as_str()) {
            let declare = Declare {
                session: recuse.session.clone(),
                dossier: recuse.dossier.clone(),
                ground: String::new(),
            };
            return self.declare(&declare, &self.stage.acting(&themselves)?).await;
        }
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

    /// Whoever presided signs the minutes that are there.
    pub(super) async fn sign_minutes(&self, sign: &InSession, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&sign.session)?;
        let auditor = self.stage.auditor()?;
        let request = GetSessionRequest {
            session: session.clone(),
        };
        let digest = auditor
            .council()
            .get_session(request)
            .await?
            .into_inner()
            .minutes_digest;
        let request = SignMinutesRequest {
            request_id: fresh_id(),
            session,
            digest,
        };
        client.council().sign_minutes(request).await?;
        Ok(())
    }

    /// Puts further dossiers on the agenda.
    pub(super) async fn add(&self, add: &Add, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&add.session)?;
        let request = AddItemsRequest {
            request_id: fresh_id(),
            session,
            agenda: add.agenda.0.iter().map(|id| self.dossier(id)).collect(),
            etag: String::new(),
        };
        client.council().add_items(request).await?;
        Ok(())
    }

    /// When and where the council meets; a span counts from the rehearsal's now.
    pub(super) async fn invite(&self, invite: &Invite, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&invite.session)?;
        let request = InviteMembersRequest {
            request_id: fresh_id(),
            session,
            meets_at: micros(invite.meets.from(self.stage.now().await?)?),
            place: invite.place.clone(),
            text: invite.text.clone(),
            etag: String::new(),
        };
        client.council().invite_members(request).await?;
        Ok(())
    }

    /// Breaks off until another day.
    pub(super) async fn adjourn(&self, adjourn: &Adjourn, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&adjourn.session)?;
        let request = AdjournSessionRequest {
            request_id: fresh_id(),
            session,
            until: adjourn.until.from(self.stage.now().await?)?.date().to_string(),
            reason: adjourn.reason.clone(),
            etag: String::new(),
        };
        client.council().adjourn_session(request).await?;
        Ok(())
    }

    /// Calls a session off.
    pub(super) async fn cancel(&self, cancel: &Cancel, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&cancel.session)?;
        let request = CancelSessionRequest {
            request_id: fresh_id(),
            session,
            reason: cancel.reason.clone(),
            etag: String::new(),
        };
        client.council().cancel_session(request).await?;
        Ok(())
    }

    /// A member's own interest in a dossier.
    pub(super) async fn declare(&self, declare: &Declare, client: &Client) -> Result<(), Trouble> {
        let (session, _) = self.session(&declare.session)?;
        let request = DeclareInterestRequest {
            request_id: fresh_id(),
            session,
            dossier: self.dossier(&declare.dossier),
            ground: declare.ground.clone(),
        };
        client.council().declare_interest(request).await?;
        Ok(())
    }

    /// What a session is now.
    pub(super) async fn seen_session(&self, name: &str, client: &Client) -> Result<Session, Trouble> {
        let (session, _) = self.session(name)?;
        let request = GetSessionRequest { session };
        Ok(client.council().get_session(request).await?.into_inner())
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

pub(super) fn subject(name: &str, council: &str) -> String {
    if name.contains('@') {
        name.to_owned()
    } else {
        format!("{name}@{council}")
    }
}

fn subjects(names: &[String], council: &str) -> Vec<String> {
    names.iter().map(|name| subject(name, council)).collect()
}
