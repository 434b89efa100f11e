//! The minutes: drawn up and signed by the secretary, signed by whoever presided, handed out as a document.

use access::{Act, Denied, Principal};
use host::{Call, Fault, Unit};
use proto::council::v1::{
    self as v1, ExportMinutesRequest, ExportMinutesResponse, MinuteSessionRequest, SignMinutesRequest,
};

use super::{Api, open, reply, session_key};
use crate::{
    admission::admit,
    docx,
    machine::{Session, SessionInput, SessionState},
    minutes, pages,
};

/// Bytes of a part of the document.
const PART: usize = 64 * 1_024;

/// The first page of results takes effect with the last signature.
fn take_effect(unit: &mut Unit, id: &str, state: &SessionState) -> Result<(), Fault> {
    match state {
        SessionState::Concluding => pages::go_on(unit, id),
        _ => Ok(()),
    }
}

impl Api {
    pub(super) async fn minute(&self, who: Principal, request: MinuteSessionRequest) -> Result<v1::Session, Fault> {
        let call = Call::new(who.clone(), "council/MinuteSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = open(unit, &who, Act::Minute, id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let digest = minutes::digest(unit, id, &at.data, &who.subject)?;
            let after = unit.step::<Session>(id, SessionInput::Minute { digest })?;
            take_effect(unit, id, &after.state)?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }

    pub(super) async fn sign(&self, who: Principal, request: SignMinutesRequest) -> Result<v1::Session, Fault> {
        let call = Call::new(who.clone(), "council/SignMinutes", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = unit.get::<Session>(id)?.ok_or_else(Denied::absent)?;
            admit(unit, &who, Act::SignMinutes, &[&at.data.called.council], [])?;
            if !at.data.is_member(&who.subject) {
                return Err(Denied::absent().into());
            }
            let digest = request.digest.clone();
            let after = unit.step::<Session>(id, SessionInput::Sign { digest })?;
            take_effect(unit, id, &after.state)?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }

    pub(super) async fn export(
        &self,
        who: Principal,
        request: ExportMinutesRequest,
    ) -> Result<Vec<ExportMinutesResponse>, Fault> {
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = open(unit, &who, Act::ReadSession, id)?;
            let minutes = minutes::of(unit, id, &at)?;
            let minutes = minutes.ok_or_else(|| Fault::refused("NOT_MINUTED", id.clone()))?;
            docx::write(&minutes, unit).map_err(|error| Fault::Internal(format!("minutes of {id}: {error}")))
        };
        let document = self.0.read(&who, session_key(id), body).await?;
        let part = |part: &[u8]| ExportMinutesResponse { part: part.to_vec() };
        Ok(document.chunks(PART).map(part).collect())
    }
}
