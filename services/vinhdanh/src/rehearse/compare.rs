//! Asks the services what is true now, and compares it with what a scenario expects.

use std::time::Duration;

use anyhow::Context;
use proto::{
    admin::v1::{ReplayHistoriesRequest, VerifyAuditRequest},
    approval::v1::{GetBulkRequest, GetCourseRequest, ListBulkResultsRequest, ListHistoryRequest, ListTasksRequest},
    council::v1::ListReviewsRequest,
    intake::v1::{GetDossierRequest, Status as ApiStatus},
};
use serde_json::Value;

use super::{
    expect::{
        BulkExpect, CheckExpect, Comparison, DeliveryExpect, DossierExpect, Expect, STEPS, SessionExpect, TaskExpect,
        VoteExpect,
    },
    player::{Player, Trouble},
    receivers::Got,
    register::compare_register,
    sessions::subject,
};
use crate::client::{Client, SERVICES};

/// A stream's last delivery may still be on its way to the reader when the service has come to rest.
const ARRIVAL: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

impl Player<'_> {
    /// Compares one expectation.
    pub(super) async fn expect(&self, expect: &Expect) -> Result<(), Trouble> {
        let auditor = self.stage.auditor()?;
        let mut comparison = Comparison::default();
        match expect {
            Expect::Dossier(expected) => self.compare_dossier(expected, &auditor, &mut comparison).await?,
            Expect::Task(expected) => compare_tasks(expected, &auditor, &mut comparison).await?,
            Expect::Bulk(expected) => self.compare_bulk(expected, &auditor, &mut comparison).await?,
            Expect::Register(expected) => compare_register(expected, &auditor, &mut comparison).await?,
            Expect::Session(expected) => self.compare_session(expected, &auditor, &mut comparison).await?,
            Expect::Delivery(expected) => self.compare_delivery(expected, &mut comparison).await?,
            Expect::Check(expected) => {
                let check = self.checked.as_ref().context("no dossier was checked before")?;
                compare_check(expected, check, &mut comparison);
            }
            Expect::Audit => compare_audit(&auditor, &mut comparison).await?,
            Expect::Replay => compare_replay(&auditor, &mut comparison).await?,
        }
        if comparison.0.is_empty() {
            Ok(())
        } else {
            Err(Trouble::Otherwise(comparison.0))
        }
    }

    async fn compare_dossier(
        &self,
        expected: &DossierExpect,
        auditor: &Client,
        comparison: &mut Comparison,
    ) -> Result<(), Trouble> {
        let id = self.dossier(&expected.dossier);
        let request = GetDossierRequest { dossier: id.clone() };
        let dossier = auditor.intake().get_dossier(request).await?.into_inner();
        comparison.same(
            "status",
            expected.status.as_ref(),
            &status_word(dossier.status()).to_owned(),
        );
        comparison.text("rule_set", expected.judged.rule_set.as_ref(), &dossier.rule_set);
        comparison.text("verdict", expected.judged.verdict.as_ref(), &dossier.verdict);
        comparison.contains("unmet", &expected.judged.unmet, &dossier.unmet.into_iter().collect());
        if expected.needs_course() {
            let request = GetCourseRequest { dossier: id.clone() };
            let course = auditor.approval().get_course(request).await?.into_inner();
            comparison.text("award", expected.award.as_ref(), &course.award);
            comparison.text("award", expected.award.as_ref(), &dossier.award);
            comparison.text("level", expected.level.as_ref(), &course.level);
            comparison.text("agency", expected.agency.as_ref(), &course.agency);
            comparison.text("step", expected.step.as_ref(), step_word(course.step));
            comparison.text("deadline", expected.deadline.as_ref(), &course.deadline);
            comparison.text("waiting_on", expected.waiting_on.as_ref(), &course.waiting_on);
            comparison.text("decision", expected.decision.as_ref(), &course.decision_number);
            comparison.text("decided_by", expected.decided_by.as_ref(), &course.decided_by);
            let moved_to = course.moves.last().map(|moved| moved.to.as_str()).unwrap_or_default();
            comparison.text("moved_to", expected.moved_to.as_ref(), moved_to);
            let taken_over = course.taken_over.iter().map(|one| format!("{} > {}", one.from, one.to));
            comparison.contains("taken_over", &expected.taken_over, &taken_over.collect());
            let sent_back = course.returns.last();
            let sent_back = sent_back.map(|back| format!("{} > {}: {}", back.from_agency, back.to_agency, back.reason));
            comparison.text("sent_back", expected.sent_back.as_ref(), &sent_back.unwrap_or_default());
            comparison.same("bonus_vnd", expected.bonus_vnd.as_ref(), &course.bonus_vnd);
        }
        if expected.history.is_some() {
            comparison.same(
                "history",
                expected.history.as_ref(),
                &history_length(&id, auditor).await?,
            );
        }
        if let Some(vote) = &expected.vote {
            compare_vote(vote, &id, auditor, comparison).await?;
        }
        Ok(())
    }

    async fn compare_bulk(
        &self,
        expected: &BulkExpect,
        auditor: &Client,
        comparison: &mut Comparison,
    ) -> Result<(), Trouble> {
        let id = self.jobs.get(&expected.job).cloned().unwrap_or_default();
        let request = GetBulkRequest { bulk: id.clone() };
        let bulk = auditor.approval().get_bulk(request).await?.into_inner();
        comparison.text("status", expected.status.as_ref(), &bulk.status);
        comparison.same("done", expected.done.as_ref(), &bulk.done);
        comparison.same("refused", expected.refused.as_ref(), &bulk.refused);
        let request = ListBulkResultsRequest {
            bulk: id,
            outcome: "refused".to_owned(),
            ..ListBulkResultsRequest::default()
        };
        let results = auditor
            .approval()
            .list_bulk_results(request)
            .await?
            .into_inner()
            .results;
        let reasons = results.into_iter().map(|result| result.reason).collect();
        comparison.contains("reasons", &expected.reasons, &reasons);
        Ok(())
    }

    async fn compare_session(
        &self,
        expected: &SessionExpect,
        auditor: &Client,
        comparison: &mut Comparison,
    ) -> Result<(), Trouble> {
        let session = self.seen_session(&expected.name, auditor).await?;
        let chair = expected.chair.as_ref().map(|name| match name.as_str() {
            "none" => name.clone(),
            name => subject(name, &session.council),
        });
        comparison.text("status", expected.status.as_ref(), &session.status);
        comparison.text("chair", chair.as_ref(), &session.chair);
        comparison.same("items", expected.items.as_ref(), &session.items);
        comparison.same("quorum", expected.quorum.as_ref(), &session.quorum);
        comparison.same("members", expected.members.as_ref(), &session.members.len());
        comparison.same("signed", expected.signed.as_ref(), &session.signed_by.len());
        Ok(())
    }

    async fn compare_delivery(&self, expected: &DeliveryExpect, comparison: &mut Comparison) -> Result<(), Trouble> {
        let arrived = async {
            loop {
                let got = self.receivers.got(&expected.subscription).await?;
                let mut compared = Comparison::default();
                compare_got(expected, &got, &mut compared);
                if compared.0.is_empty() {
                    return Ok::<(), Trouble>(());
                }
                *comparison = compared;
                tokio::time::sleep(PAUSE).await;
            }
        };
        match tokio::time::timeout(ARRIVAL, arrived).await {
            Ok(arrived) => {
                comparison.0.clear();
                arrived
            }
            Err(_) => Ok(()),
        }
    }
}

fn compare_got(expected: &DeliveryExpect, got: &Got, comparison: &mut Comparison) {
    comparison.same("count", expected.count.as_ref(), &got.count);
    comparison.same("distinct", expected.distinct.as_ref(), &got.distinct);
    comparison.same("parked", expected.parked.as_ref(), &got.parked);
    comparison.same("dead", expected.dead.as_ref(), &got.dead);
    comparison.contains("facts", &expected.facts, &got.facts);
    if !got.complaints.is_empty() {
        comparison.differs("calls", "well signed".to_owned(), got.complaints.join("; "));
    }
}

/// The check as `dossier check --json` prints it.
fn compare_check(expected: &CheckExpect, check: &Value, comparison: &mut Comparison) {
    let text = |key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default();
    comparison.text("rule_set", expected.rule_set.as_ref(), text("rule_set"));
    comparison.text("verdict", expected.verdict.as_ref(), text("verdict"));
    let unmet = check
        .get("unmet")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    comparison.contains("unmet", &expected.unmet, &unmet.map(str::to_owned).collect());
}

async fn compare_vote(
    expected: &VoteExpect,
    dossier: &str,
    auditor: &Client,
    comparison: &mut Comparison,
) -> Result<(), Trouble> {
    let request = ListReviewsRequest {
        page_size: 500,
        dossier: dossier.to_owned(),
        ..ListReviewsRequest::default()
    };
    let reviews = auditor.council().list_reviews(request).await?.into_inner().reviews;
    let Some(review) = reviews.iter().rfind(|review| review.counted) else {
        comparison.differs(
            "vote",
            "counted".to_owned(),
            "no review of this dossier was counted".to_owned(),
        );
        return Ok(());
    };
    comparison.same("vote.yes", expected.yes.as_ref(), &review.yes);
    comparison.same("vote.no", expected.no.as_ref(), &review.no);
    comparison.same("vote.blank", expected.blank.as_ref(), &review.blank);
    comparison.same("vote.base", expected.base.as_ref(), &review.base);
    comparison.same("vote.passed", expected.passed.as_ref(), &review.passed);
    Ok(())
}

async fn compare_tasks(expected: &TaskExpect, auditor: &Client, comparison: &mut Comparison) -> Result<(), Trouble> {
    let waiting_on = format!("{}@{}", expected.whose.role, expected.whose.agency);
    let request = ListTasksRequest {
        page_size: 1,
        waiting_on,
        ..ListTasksRequest::default()
    };
    let total = auditor.approval().list_tasks(request).await?.into_inner().total;
    comparison.same("count", Some(&expected.count), &total);
    Ok(())
}

async fn history_length(dossier: &str, auditor: &Client) -> Result<usize, Trouble> {
    let mut request = ListHistoryRequest {
        dossier: dossier.to_owned(),
        page_size: 500,
        page_token: String::new(),
    };
    let mut steps = 0;
    loop {
        let page = auditor.approval().list_history(request.clone()).await?.into_inner();
        steps += page.steps.len();
        if page.next_page_token.is_empty() {
            return Ok(steps);
        }
        request.page_token = page.next_page_token;
    }
}

async fn compare_audit(auditor: &Client, comparison: &mut Comparison) -> Result<(), Trouble> {
    for service in SERVICES {
        let request = VerifyAuditRequest {
            service: service.to_owned(),
        };
        let answer = auditor.admin(service).verify_audit(request).await?.into_inner();
        if !answer.problems.is_empty() {
            comparison.differs(
                &format!("audit of {service}"),
                "verifies".to_owned(),
                answer.problems.join("; "),
            );
        }
    }
    Ok(())
}

async fn compare_replay(auditor: &Client, comparison: &mut Comparison) -> Result<(), Trouble> {
    for service in SERVICES {
        let request = ReplayHistoriesRequest {
            service: service.to_owned(),
        };
        let answer = auditor.admin(service).replay_histories(request).await?.into_inner();
        if !answer.divergences.is_empty() {
            comparison.differs(
                &format!("replay of {service}"),
                "identical".to_owned(),
                answer.divergences.join("; "),
            );
        }
    }
    Ok(())
}

/// The word of the API's step; empty once the course has ended.
fn step_word(step: i32) -> &'static str {
    usize::try_from(step - 1)
        .ok()
        .and_then(|index| STEPS.get(index))
        .copied()
        .unwrap_or_default()
}

fn status_word(status: ApiStatus) -> &'static str {
    match status {
        ApiStatus::Unspecified => "none",
        ApiStatus::Drafting => "drafting",
        ApiStatus::Submitted => "submitted",
        ApiStatus::Returned => "returned",
        ApiStatus::InReview => "in-review",
        ApiStatus::Suspended => "suspended",
        ApiStatus::Awarded => "awarded",
        ApiStatus::Refused => "refused",
        ApiStatus::Withdrawn => "withdrawn",
        ApiStatus::Revoked => "revoked",
    }
}

#[cfg(test)]
mod tests {
    use proto::approval::v1::Step;
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_have_the_words_of_the_api() {
        assert_eq!(step_word(Step::Receiving.into()), "receiving");
        assert_eq!(step_word(Step::InCouncil.into()), "in-council");
        assert_eq!(step_word(Step::Presented.into()), "presented");
        assert_eq!(step_word(Step::Unspecified.into()), "");
        for (number, word) in (1..).zip(STEPS) {
            let api = Step::try_from(number).unwrap().as_str_name();
            assert_eq!(api, format!("STEP_{}", word.replace('-', "_").to_uppercase()));
        }
    }

    #[test]
    fn a_check_is_compared_by_what_was_written_alone() {
        let check = json!({"rule_set": "law-2022", "verdict": "not-eligible",
            "unmet": ["prior-award", "rating"]});
        let expected = |verdict: &str, unmet: &[&str]| CheckExpect {
            rule_set: None,
            verdict: Some(verdict.to_owned()),
            unmet: unmet.iter().map(|one| (*one).to_owned()).collect(),
        };
        let mut comparison = Comparison::default();
        compare_check(&expected("not-eligible", &["rating"]), &check, &mut comparison);
        assert_eq!(comparison.0, []);
        compare_check(&expected("eligible", &["initiative"]), &check, &mut comparison);
        let what: Vec<&str> = comparison.0.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(what, ["verdict", "unmet"]);
        assert_eq!(comparison.0[0].expected, "eligible");
        assert_eq!(comparison.0[0].came, "not-eligible");
    }

    #[test]
    fn a_badly_signed_call_fails_whatever_was_expected() {
        let expected = DeliveryExpect {
            subscription: "W".to_owned(),
            count: Some(1),
            distinct: None,
            parked: None,
            dead: None,
            facts: vec![],
        };
        let mut got = Got {
            count: 1,
            distinct: 1,
            ..Got::default()
        };
        let mut comparison = Comparison::default();
        compare_got(&expected, &got, &mut comparison);
        assert_eq!(comparison.0, []);
        got.complaints
            .push("call d1: webhook-signature does not fit".to_owned());
        compare_got(&expected, &got, &mut comparison);
        assert_eq!(comparison.0[0].what, "calls");
    }
}
