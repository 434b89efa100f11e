//! What is done with dossiers: submitted, supplemented, and moved along their course.

use host::entropy::fresh_id;
use proto::{
    approval::v1::{self as approval, Target, preview_act_request::Act as CourseAct},
    intake::v1::{
        AttachmentHeader, CreateDossierRequest, Document, SubmitDossiersRequest, SupplementDossierRequest,
        UploadAttachmentRequest, upload_attachment_request::Part,
    },
};

use time::OffsetDateTime;

use super::{
    dossier::Attachment,
    player::{Player, Trouble},
    scenario::Actor,
    span::When,
    submit::Submit,
    values::{Agreement, Ids, Opinion, Outcome},
    verbs::{Bulk, Supplement, Verb},
};
use crate::client::Client;

/// Well below the 4 MiB that a gRPC message may have.
const CHUNK_BYTES: usize = 256 * 1024;

impl Player<'_> {
    /// Creates what is new, attaches, and submits all under one letter. The names hold only once it went through.
    pub(super) async fn submit(&mut self, submit: &Submit, actor: &Actor, client: &Client) -> Result<(), Trouble> {
        let mut named = Vec::new();
        let today = self.stage.now().await.ok().map(OffsetDateTime::date);
        for item in submit.items() {
            let id = match &item.dossier {
                None => self.dossier(&item.id),
                Some(written) => {
                    let (content, attachments) =
                        self.file(written)?
                            .submitted_by(&actor.agency, submit.letter.as_deref(), today)?;
                    let request = CreateDossierRequest {
                        request_id: fresh_id(),
                        content,
                    };
                    let draft = client.intake().create_dossier(request).await?.into_inner();
                    for attachment in attachments {
                        upload(client, attachment).await?;
                    }
                    draft.dossier
                }
            };
            named.push((item.id.clone(), id));
        }
        let request = SubmitDossiersRequest {
            request_id: fresh_id(),
            dossiers: named.iter().map(|(_, id)| id.clone()).collect(),
            letter_number: submit.letter.clone().unwrap_or_default(),
        };
        client.intake().submit_dossiers(request).await?;
        self.dossiers.extend(named);
        Ok(())
    }

    /// Hands in the missing papers, by kind.
    pub(super) async fn supplement(&self, supplement: &Supplement, client: &Client) -> Result<(), Trouble> {
        let document = |kind: &String| Document {
            kind: kind.clone(),
            ..Document::default()
        };
        let request = SupplementDossierRequest {
            request_id: fresh_id(),
            dossier: self.dossier(&supplement.dossier),
            documents: supplement.documents.0.iter().map(document).collect(),
            etag: String::new(),
        };
        client.intake().supplement_dossier(request).await?;
        Ok(())
    }

    /// What approval does.
    pub(super) async fn act_on_course(&self, verb: &Verb, client: &Client) -> Result<(), Trouble> {
        let mut service = client.approval();
        if let Verb::Comment(act) = verb {
            let request = approval::CommentOnDossierRequest {
                request_id: fresh_id(),
                dossier: Some(self.target(&act.dossier)),
                text: act.text.clone(),
                signed: act.signed,
            };
            service.comment_on_dossier(request).await?;
            return Ok(());
        }
        let done = match self.course_act(verb).await? {
            CourseAct::Receive(request) => service.receive_dossiers(request).await,
            CourseAct::Return(request) => service.return_dossiers(request).await,
            CourseAct::Appraise(request) => service.appraise_dossiers(request).await,
            CourseAct::Publish(request) => service.publish_dossiers(request).await,
            CourseAct::Sign(request) => service.sign_letter(request).await,
            CourseAct::Decide(request) => service.decide_dossiers(request).await,
            CourseAct::Suspend(request) => service.suspend_dossiers(request).await,
            CourseAct::Resume(request) => service.resume_dossiers(request).await,
            CourseAct::Withdraw(request) => service.withdraw_dossiers(request).await,
            CourseAct::Recall(request) => service.recall_dossiers(request).await,
            CourseAct::Present(request) => service.present_dossiers(request).await,
            CourseAct::Consult(request) => service.consult_dossiers(request).await,
            CourseAct::Reply(request) => service.reply_to_consultation(request).await,
            CourseAct::Correct(request) => service.correct_awards(request).await,
            CourseAct::Revoke(request) => service.revoke_awards(request).await,
            CourseAct::Restore(request) => service.restore_awards(request).await,
            CourseAct::Reissue(request) => service.reissue_awards(request).await,
            CourseAct::Lower(request) => service.lower_awards(request).await,
            CourseAct::Move(request) => service.record_move(request).await,
            CourseAct::Death(request) => service.record_death(request).await,
        };
        done?;
        Ok(())
    }

    /// The act of a verb, as approval is asked for it.
    pub(super) async fn course_act(&self, verb: &Verb) -> Result<CourseAct, Trouble> {
        let request_id = fresh_id();
        Ok(match verb {
            Verb::Receive(act) => CourseAct::Receive(approval::ReceiveDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
            }),
            Verb::Return(act) => CourseAct::Return(approval::ReturnDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                reason: act.reason.clone(),
                due: self.due(act.due).await?,
                text: act.text.clone(),
                to_level: act.to.clone(),
            }),
            Verb::Appraise(act) => CourseAct::Appraise(approval::AppraiseDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                opinion: match act.opinion {
                    Opinion::Meets => approval::Opinion::Meets,
                    Opinion::DoesNotMeet => approval::Opinion::DoesNotMeet,
                }
                .into(),
                text: act.text.clone(),
            }),
            Verb::Consult(act) => CourseAct::Consult(approval::ConsultDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                agencies: act.agency.0.clone(),
                due: self.due(act.due).await?,
            }),
            Verb::Reply(act) => CourseAct::Reply(approval::ReplyToConsultationRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                opinion: match act.opinion {
                    Agreement::Agree => approval::Agreement::Agree,
                    Agreement::Disagree => approval::Agreement::Disagree,
                }
                .into(),
                text: act.text.clone(),
            }),
            Verb::Correct(act) => CourseAct::Correct(approval::CorrectAwardsRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                ground: act.ground.clone(),
                number: act.number.clone(),
            }),
            Verb::Revoke(act) => CourseAct::Revoke(approval::RevokeAwardsRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                ground: act.ground.clone(),
                number: act.number.clone(),
            }),
            Verb::Restore(act) => CourseAct::Restore(approval::RestoreAwardsRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                ground: act.ground.clone(),
                number: act.number.clone(),
            }),
            Verb::Reissue(act) => CourseAct::Reissue(approval::ReissueAwardsRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                ground: act.ground.clone(),
                number: act.number.clone(),
            }),
            Verb::Publish(act) => CourseAct::Publish(approval::PublishDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                days: act.days,
            }),
            Verb::Sign(act) => CourseAct::Sign(approval::SignLetterRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                letter_number: act.letter.clone(),
            }),
            Verb::Decide(act) => CourseAct::Decide(approval::DecideDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                outcome: match act.outcome {
                    Outcome::Award => approval::Outcome::Award,
                    Outcome::Refuse => approval::Outcome::Refuse,
                }
                .into(),
                decision_number: act.number.clone(),
                reason: act.reason.clone(),
            }),
            Verb::Lower(act) => CourseAct::Lower(approval::LowerAwardsRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                award: act.award.clone(),
                reason: act.reason.clone(),
            }),
            Verb::Suspend(act) => CourseAct::Suspend(approval::SuspendDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                because: act.because.clone(),
            }),
            Verb::Resume(act) => CourseAct::Resume(approval::ResumeDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
            }),
            Verb::Withdraw(act) => CourseAct::Withdraw(approval::WithdrawDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                reason: "theo kịch bản diễn tập".to_owned(),
            }),
            Verb::Recall(act) => CourseAct::Recall(approval::RecallDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
            }),
            Verb::Present(act) => CourseAct::Present(approval::PresentDossiersRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                occasion: act.occasion.clone(),
            }),
            Verb::Moved(act) => CourseAct::Move(approval::RecordMoveRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                to_agency: act.to.clone(),
                moved_on: self.due(Some(act.on)).await?,
                source: act.source.clone(),
            }),
            Verb::Died(act) => CourseAct::Death(approval::RecordDeathRequest {
                request_id,
                dossiers: self.targets(&act.dossiers),
                died_on: self.due(Some(act.on)).await?,
                source: act.source.clone(),
            }),
            other => return Err(anyhow::anyhow!("`{}` does not act on a course", other.word()).into()),
        })
    }

    /// One act on many dossiers in the background.
    pub(super) async fn bulk(&mut self, bulk: &Bulk, client: &Client) -> Result<(), Trouble> {
        let request = approval::StartBulkRequest {
            request_id: fresh_id(),
            act: Some(approval::PreviewActRequest {
                act: Some(self.course_act(&bulk.act.0).await?),
            }),
        };
        let started = client.approval().start_bulk(request).await?.into_inner();
        self.jobs.insert(bulk.job.clone(), started.bulk);
        Ok(())
    }

    fn target(&self, id: &str) -> Target {
        Target {
            dossier: self.dossier(id),
            etag: String::new(),
        }
    }

    pub(super) fn targets(&self, ids: &Ids) -> Vec<Target> {
        ids.0.iter().map(|id| self.target(id)).collect()
    }

    /// The day by which something is due; a span counts from the rehearsal's now.
    async fn due(&self, due: Option<When>) -> Result<String, Trouble> {
        Ok(match due {
            None => String::new(),
            Some(When::Day(day)) => day.to_string(),
            Some(when) => when.from(self.stage.now().await?)?.date().to_string(),
        })
    }
}

async fn upload(client: &Client, attachment: Attachment) -> Result<(), Trouble> {
    let Attachment { sha256, bytes } = attachment;
    let header = AttachmentHeader {
        sha256: sha256.clone(),
        size: bytes.len() as u64,
    };
    let mut parts = vec![UploadAttachmentRequest {
        part: Some(Part::Header(header)),
    }];
    for chunk in bytes.chunks(CHUNK_BYTES) {
        parts.push(UploadAttachmentRequest {
            part: Some(Part::Chunk(chunk.to_vec())),
        });
    }
    let stored = client
        .intake()
        .upload_attachment(tokio_stream::iter(parts))
        .await?
        .into_inner();
    if stored.sha256 != sha256 {
        let stored = stored.sha256;
        return Err(anyhow::anyhow!("an attachment was sent as {sha256} and stored as {stored}").into());
    }
    Ok(())
}
