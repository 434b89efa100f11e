//! What is done with dossiers: submitted, supplemented, and moved along their course.

use host::entropy::fresh_id;
use proto::{
    approval::v1::{self as approval, Target},
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
    values::{Agreement, Ids, Opinion, Outcome},
    verbs::{Submit, Supplement, Verb},
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
        let request_id = fresh_id();
        let mut service = client.approval();
        let done = match verb {
            Verb::Receive(act) => {
                let dossiers = self.targets(&act.dossiers);
                service
                    .receive_dossiers(approval::ReceiveDossiersRequest { request_id, dossiers })
                    .await
            }
            Verb::Return(act) => {
                let (dossiers, due) = (self.targets(&act.dossiers), self.due(act.due).await?);
                let reason = act.reason.clone();
                service
                    .return_dossiers(approval::ReturnDossiersRequest {
                        request_id,
                        dossiers,
                        reason,
                        due,
                    })
                    .await
            }
            Verb::Appraise(act) => {
                let opinion = match act.opinion {
                    Opinion::Meets => approval::Opinion::Meets,
                    Opinion::DoesNotMeet => approval::Opinion::DoesNotMeet,
                };
                let (opinion, text) = (opinion.into(), act.text.clone());
                let dossiers = self.targets(&act.dossiers);
                service
                    .appraise_dossiers(approval::AppraiseDossiersRequest {
                        request_id,
                        dossiers,
                        opinion,
                        text,
                    })
                    .await
            }
            Verb::Consult(act) => {
                let request = approval::ConsultDossiersRequest {
                    request_id,
                    dossiers: self.targets(&act.dossiers),
                    agencies: act.agency.0.clone(),
                    due: self.due(act.due).await?,
                };
                service.consult_dossiers(request).await
            }
            Verb::Reply(act) => {
                let opinion = match act.opinion {
                    Agreement::Agree => approval::Agreement::Agree,
                    Agreement::Disagree => approval::Agreement::Disagree,
                };
                let request = approval::ReplyToConsultationRequest {
                    request_id,
                    dossiers: self.targets(&act.dossiers),
                    opinion: opinion.into(),
                    text: act.text.clone(),
                };
                service.reply_to_consultation(request).await
            }
            Verb::Correct(act) => {
                let (dossiers, ground, number) = (self.targets(&act.dossiers), act.ground.clone(), act.number.clone());
                service
                    .correct_awards(approval::CorrectAwardsRequest {
                        request_id,
                        dossiers,
                        ground,
                        number,
                    })
                    .await
            }
            Verb::Revoke(act) => {
                let (dossiers, ground, number) = (self.targets(&act.dossiers), act.ground.clone(), act.number.clone());
                service
                    .revoke_awards(approval::RevokeAwardsRequest {
                        request_id,
                        dossiers,
                        ground,
                        number,
                    })
                    .await
            }
            Verb::Restore(act) => {
                let (dossiers, ground, number) = (self.targets(&act.dossiers), act.ground.clone(), act.number.clone());
                service
                    .restore_awards(approval::RestoreAwardsRequest {
                        request_id,
                        dossiers,
                        ground,
                        number,
                    })
                    .await
            }
            Verb::Publish(act) => {
                let (dossiers, days) = (self.targets(&act.dossiers), act.days);
                service
                    .publish_dossiers(approval::PublishDossiersRequest {
                        request_id,
                        dossiers,
                        days,
                    })
                    .await
            }
            Verb::Comment(act) => {
                let (text, signed) = (act.text.clone(), act.signed);
                let dossier = Some(self.target(&act.dossier));
                service
                    .comment_on_dossier(approval::CommentOnDossierRequest {
                        request_id,
                        dossier,
                        text,
                        signed,
                    })
                    .await
            }
            Verb::Sign(act) => {
                let (dossiers, letter_number) = (self.targets(&act.dossiers), act.letter.clone());
                service
                    .sign_letter(approval::SignLetterRequest {
                        request_id,
                        dossiers,
                        letter_number,
                    })
                    .await
            }
            Verb::Decide(act) => {
                let outcome = match act.outcome {
                    Outcome::Award => approval::Outcome::Award,
                    Outcome::Refuse => approval::Outcome::Refuse,
                };
                let request = approval::DecideDossiersRequest {
                    request_id,
                    dossiers: self.targets(&act.dossiers),
                    outcome: outcome.into(),
                    decision_number: act.number.clone(),
                    reason: act.reason.clone(),
                };
                service.decide_dossiers(request).await
            }
            Verb::Suspend(act) => {
                let (dossiers, because) = (self.targets(&act.dossiers), act.because.clone());
                service
                    .suspend_dossiers(approval::SuspendDossiersRequest {
                        request_id,
                        dossiers,
                        because,
                    })
                    .await
            }
            Verb::Resume(act) => {
                let dossiers = self.targets(&act.dossiers);
                service
                    .resume_dossiers(approval::ResumeDossiersRequest { request_id, dossiers })
                    .await
            }
            Verb::Withdraw(act) => {
                let (dossiers, reason) = (self.targets(&act.dossiers), "theo kịch bản diễn tập".to_owned());
                service
                    .withdraw_dossiers(approval::WithdrawDossiersRequest {
                        request_id,
                        dossiers,
                        reason,
                    })
                    .await
            }
            Verb::Recall(act) => {
                let dossiers = self.targets(&act.dossiers);
                service
                    .recall_dossiers(approval::RecallDossiersRequest { request_id, dossiers })
                    .await
            }
            Verb::Present(act) => {
                let (dossiers, occasion) = (self.targets(&act.dossiers), act.occasion.clone());
                service
                    .present_dossiers(approval::PresentDossiersRequest {
                        request_id,
                        dossiers,
                        occasion,
                    })
                    .await
            }
            other => return Err(anyhow::anyhow!("`{}` does not act on a course", other.word()).into()),
        };
        done?;
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
