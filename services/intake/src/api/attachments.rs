//! Attachments: stored under their digests before the dossiers that name them are submitted.

use access::Act;
use host::{Fault, principal};
use law::DossierFile;
use proto::intake::v1::{self as v1, upload_attachment_request::Part};
use sha2::{Digest as _, Sha256};
use tonic::{Request, Status, Streaming};

use super::{Api, allow};

impl Api {
    /// Attachments that a file names by digest must have been uploaded.
    pub(super) async fn attached(&self, content: &str) -> Result<(), Fault> {
        let Ok(file) = DossierFile::parse(content) else {
            return Ok(());
        };
        for sha256 in file.documents.iter().filter_map(|document| document.sha256.as_deref()) {
            self.uploaded(sha256).await?;
        }
        Ok(())
    }

    /// Refuses a digest that nothing was uploaded under.
    pub(super) async fn uploaded(&self, sha256: &str) -> Result<(), Fault> {
        match self.engine.journal().store().blob_size(sha256).await? {
            Some(_) => Ok(()),
            None => Err(Fault::refused("ATTACHMENT_MISSING", sha256)),
        }
    }

    /// Takes an attachment: a header, then the bytes that it promises.
    pub(super) async fn upload(
        &self,
        request: Request<Streaming<v1::UploadAttachmentRequest>>,
    ) -> Result<v1::Attachment, Status> {
        let who = principal(&request)?;
        self.engine
            .read(&who, Vec::new(), |unit| {
                allow(unit, &who, Act::Upload, &[&who.agency], None)
            })
            .await?;
        let mut parts = request.into_inner();
        let invalid = |what: &str| Fault::field("INVALID_REQUEST", "part", what);
        let Some(Part::Header(header)) = parts.message().await?.and_then(|first| first.part) else {
            return Err(invalid("the first part must be the header").into());
        };
        if header.sha256.len() != 64 || !header.sha256.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
            return Err(Fault::field("INVALID_REQUEST", "header.sha256", "64 lower-case hex digits").into());
        }
        if header.size > self.service.attachment_bytes_max {
            return Err(Fault::Exhausted("ATTACHMENT_TOO_LARGE").into());
        }
        let mut content = Vec::new();
        while let Some(part) = parts.message().await? {
            let Some(Part::Chunk(chunk)) = part.part else {
                return Err(invalid("only bytes after the header").into());
            };
            if content.len() as u64 + chunk.len() as u64 > header.size {
                return Err(Fault::field("ATTACHMENT_CORRUPT", "part", "more bytes than the header says").into());
            }
            content.extend_from_slice(&chunk);
        }
        if content.len() as u64 != header.size || hex::encode(Sha256::digest(&content)) != header.sha256 {
            return Err(Fault::field("ATTACHMENT_CORRUPT", "header", "digest or size do not match").into());
        }
        let now = self.engine.clock().now().0;
        self.engine
            .journal()
            .store()
            .put_blob(&header.sha256, &content, now)
            .await
            .map_err(Fault::from)?;
        Ok(v1::Attachment {
            sha256: header.sha256,
            size: header.size,
        })
    }
}
