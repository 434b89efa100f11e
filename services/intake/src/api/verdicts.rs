//! A dossier with its verdict, all verdicts on it, and the choice of the rule set that is more favourable.

use access::Act;
use host::{Call, Fault, paging::Page, principal};
use journal::Key;
use machine::Machine as _;
use proto::intake::v1;
use tonic::{Request, Status};

use super::{Api, admit, step_and_keep};
use crate::{
    judge::{self, Ground},
    machine::{Dossier, Input, Occasion},
    replay, verdicts, views,
};

/// Characters of a reason.
const REASON_MAX: usize = 2_000;

impl Api {
    pub(super) async fn get(&self, request: Request<v1::GetDossierRequest>) -> Result<v1::Dossier, Status> {
        let who = principal(&request)?;
        let id = request.into_inner().dossier;
        let read = self.engine.read(&who, vec![Key::new(Dossier::NAME, &id)], |unit| {
            let dossier = admit(unit, &who, Act::ReadDossier, &id)?;
            let shown = views::show(unit.version::<Dossier>(&id)?, &dossier, unit.now());
            let installed = unit.law().digest(&dossier.data.judged.rule_set);
            let changed = installed != dossier.data.judged.rule_set_digest;
            Ok((dossier, shown, changed))
        });
        let (dossier, mut shown, changed) = read.await?;
        shown.rules_changed = changed;
        // The tree is reached again, not stored: the same file under the same rules gives the same tree.
        let again = replay::recall(&self.engine, &dossier.data, false).await?;
        shown.check = again
            .check
            .and_then(|check| serde_json::to_string(&check).ok())
            .unwrap_or_default();
        Ok(shown)
    }

    pub(super) async fn choose(&self, request: Request<v1::ChooseRuleSetRequest>) -> Result<v1::Dossier, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "intake/ChooseRuleSet", &request.request_id, &request)?;
        let reason = request.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX || !host::is_clean(reason) {
            let what = format!("say why, in at most {REASON_MAX} characters, in NFC");
            return Err(Fault::field("INVALID_REQUEST", "reason", what).into());
        }
        let id = request.dossier.as_str();
        let reply = self.engine.act(&call, vec![Key::new(Dossier::NAME, id)], |unit| {
            let dossier = admit(unit, &who, Act::Submit, id)?;
            unit.check_etag::<Dossier>(id, &request.etag)?;
            let file = judge::parse(&dossier.data.content)?;
            let chosen = request.rule_set.as_str();
            let ground = Ground {
                chosen,
                ..Ground::of(&dossier.data, Occasion::Choice)
            };
            let instead_of = match chosen {
                "" => String::new(),
                chosen => judge::may_choose(unit.law(), &file, ground.received_on, chosen)?.to_owned(),
            };
            let not_now = match unit.law().rule_set(chosen) {
                Some(set) if unit.today() < set.in_force_from => {
                    format!("{chosen} is not in force before {}", set.in_force_from)
                }
                Some(_) if instead_of == chosen => format!("{chosen} is the rule set that the dates select"),
                _ => String::new(),
            };
            if !not_now.is_empty() {
                return Err(Fault::refused("RULE_SET_NOT_ALLOWED", not_now));
            }
            let judgement = judge::judge(unit, &file, ground)?;
            let input = Input::Choose {
                rule_set: chosen.to_owned(),
                instead_of,
                reason: reason.to_owned(),
                judged: judgement.judged,
            };
            step_and_keep(unit, id, input, judgement.extract)
        });
        Ok(reply.await?)
    }

    pub(super) async fn verdicts(
        &self,
        request: Request<v1::ListVerdictsRequest>,
    ) -> Result<v1::ListVerdictsResponse, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let hint = vec![Key::new(Dossier::NAME, &r.dossier)];
        self.engine
            .read(&who, hint, |unit| {
                admit(unit, &who, Act::ReadDossier, &r.dossier).map(|_| ())
            })
            .await?;
        let page = Page::read(r.page_size, &r.page_token, &format!("verdicts/{}", r.dossier))?;
        let store = self.engine.journal().store();
        let (verdicts, next_page_token) = verdicts::list(store.as_ref(), &r.dossier, &page).await?;
        Ok(v1::ListVerdictsResponse {
            verdicts,
            next_page_token,
        })
    }

    pub(super) async fn replay(
        &self,
        request: Request<v1::ReplayVerdictRequest>,
    ) -> Result<v1::ReplayVerdictResponse, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let hint = vec![Key::new(Dossier::NAME, &r.dossier)];
        self.engine
            .read(&who, hint, |unit| {
                admit(unit, &who, Act::ReadDossier, &r.dossier).map(|_| ())
            })
            .await?;
        let store = self.engine.journal().store();
        let kept = verdicts::one(store.as_ref(), &r.dossier, r.number)
            .await?
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "number", "no verdict has this number; list them"))?;
        let again = replay::replay(&self.engine, &r.dossier, &kept).await?;
        let check = again.check.as_ref().and_then(|check| serde_json::to_string(check).ok());
        let installed = self.engine.law().digest(&kept.judged.rule_set);
        Ok(v1::ReplayVerdictResponse {
            recorded: Some(kept.show(&r.dossier)),
            equal: again.differences.is_empty(),
            differences: again.differences,
            check: check.unwrap_or_default(),
            rules_changed: installed != kept.judged.rule_set_digest,
        })
    }
}
