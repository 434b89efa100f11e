//! `dossier submit` and `dossier supplement`: files and their attachments on the way to intake.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use futures::stream;
use proto::intake::v1::{
    AttachmentHeader, CreateDossierRequest, Document, SubmitDossiersRequest, SupplementDossierRequest,
    UploadAttachmentRequest, upload_attachment_request::Part,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Desk;
use crate::{client::Client, output::note};

/// Small enough that a slow line shows progress, well below the 4 MiB of a gRPC message.
const CHUNK_BYTES: usize = 64 * 1024;

/// Submits dossier files.
#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// Tệp hồ sơ (JSON). Dossier files; attachments are found relative to each.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Số tờ trình. The letter's number; as the files say if left out.
    #[arg(long, value_name = "NUMBER")]
    letter: Option<String>,
}

impl SubmitArgs {
    /// Creates, attaches and submits. All files are read before the first call.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let prepared = self
            .files
            .iter()
            .map(|file| Prepared::read(file))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let done = hand_in(desk, &prepared, self.letter.unwrap_or_default()).await;
        if done.is_err() {
            desk.note_how_to_repeat();
        }
        done
    }
}

async fn hand_in(desk: &Desk, prepared: &[Prepared], letter_number: String) -> anyhow::Result<u8> {
    let mut dossiers = Vec::new();
    for (number, file) in prepared.iter().enumerate() {
        let request = CreateDossierRequest {
            request_id: desk.request_id_of(&format!("create/{number}")),
            content: file.content.clone(),
        };
        let draft = desk
            .call(async |client| client.intake().create_dossier(request.clone()).await)
            .await
            .with_context(|| file.path.display().to_string())?;
        for attachment in &file.attachments {
            upload(desk, attachment).await?;
        }
        note(&format!("{}: {}", file.path.display(), draft.dossier));
        dossiers.push(draft.dossier);
    }
    let request = SubmitDossiersRequest {
        request_id: desk.request_id(),
        dossiers,
        letter_number,
    };
    let submitted = desk
        .call(async |client| client.intake().submit_dossiers(request.clone()).await)
        .await?;
    match submitted.dossiers.as_slice() {
        [one] => desk.output.one(one),
        many => desk.output.many(many),
    }
    Ok(0)
}

/// Adds papers to a returned dossier.
pub async fn supplement(desk: &Desk, dossier: String, documents: Vec<DocumentArg>) -> anyhow::Result<u8> {
    let mut papers = Vec::new();
    for document in documents {
        let attachment = document.file.as_deref().map(Attachment::measure).transpose()?;
        if let Some(attachment) = &attachment {
            upload(desk, attachment).await?;
        }
        papers.push(Document {
            kind: document.kind,
            number: document.number,
            sha256: attachment.map(|attachment| attachment.sha256).unwrap_or_default(),
        });
    }
    let request = SupplementDossierRequest {
        request_id: desk.request_id(),
        dossier,
        documents: papers,
        etag: String::new(),
    };
    let call = async |client: &Client| client.intake().supplement_dossier(request.clone()).await;
    desk.output.one(&desk.call(call).await?);
    Ok(0)
}

/// A dossier file whose documents carry the digests of their attachments.
struct Prepared {
    path: PathBuf,
    content: String,
    attachments: Vec<Attachment>,
}

impl Prepared {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("không đọc được / cannot read {}", path.display()))?;
        let mut content: Value =
            serde_json::from_str(&text).with_context(|| format!("{} không phải là / is not JSON", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut attachments = Vec::new();
        for document in content
            .get_mut("documents")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let Some(document) = document.as_object_mut() else {
                continue;
            };
            let Some(file) = document.get("file").and_then(Value::as_str) else {
                continue;
            };
            let attachment = Attachment::measure(&folder.join(file))?;
            if let Some(claimed) = document.get("sha256").filter(|claimed| **claimed != *attachment.sha256) {
                bail!(
                    "{}: the attachment {file} has the digest {}, the dossier file says {claimed}",
                    path.display(),
                    attachment.sha256
                );
            }
            document.insert("sha256".to_owned(), attachment.sha256.clone().into());
            attachments.push(attachment);
        }
        Ok(Self {
            path: path.to_owned(),
            content: content.to_string(),
            attachments,
        })
    }
}

/// A file on its way; never held in memory whole.
struct Attachment {
    path: PathBuf,
    sha256: String,
    size: u64,
}

impl Attachment {
    fn measure(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("không đọc được tệp kèm / cannot read the attachment {}", path.display());
        let mut digest = Sha256::new();
        let mut size = 0;
        for chunk in chunks(path).with_context(unreadable)? {
            let chunk = chunk.with_context(unreadable)?;
            size += chunk.len() as u64;
            digest.update(&chunk);
        }
        Ok(Self {
            path: path.to_owned(),
            sha256: hex::encode(digest.finalize()),
            size,
        })
    }

    /// The header, then the bytes. A file that can no longer be read ends the stream early: intake then refuses it,
    /// since neither size nor digest fits.
    fn parts(&self) -> std::io::Result<impl Iterator<Item = UploadAttachmentRequest> + Send + use<>> {
        let header = Part::Header(AttachmentHeader {
            sha256: self.sha256.clone(),
            size: self.size,
        });
        let bytes = chunks(&self.path)?.map_while(Result::ok).map(Part::Chunk);
        Ok(std::iter::once(header)
            .chain(bytes)
            .map(|part| UploadAttachmentRequest { part: Some(part) }))
    }
}

fn chunks(path: &Path) -> std::io::Result<impl Iterator<Item = std::io::Result<Vec<u8>>> + Send + use<>> {
    let mut file = std::fs::File::open(path)?;
    Ok(std::iter::from_fn(move || {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        match file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk) {
            Ok(0) => None,
            Ok(_) => Some(Ok(chunk)),
            Err(error) => Some(Err(error)),
        }
    }))
}

async fn upload(desk: &Desk, attachment: &Attachment) -> anyhow::Result<()> {
    let call = async |client: &Client| {
        let parts = attachment.parts().map_err(|error| {
            tonic::Status::aborted(format!("cannot read {} again: {error}", attachment.path.display()))
        })?;
        client.intake().upload_attachment(stream::iter(parts)).await
    };
    desk.call(call)
        .await
        .with_context(|| format!("attachment {}", attachment.path.display()))?;
    Ok(())
}

/// A paper on the command line: `KIND[=NUMBER][:FILE]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentArg {
    kind: String,
    number: String,
    file: Option<PathBuf>,
}

impl std::str::FromStr for DocumentArg {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (named, file) = text
            .split_once(':')
            .map_or((text, None), |(named, file)| (named, Some(file)));
        let (kind, number) = named.split_once('=').unwrap_or((named, ""));
        if kind.is_empty() || file.is_some_and(str::is_empty) {
            bail!("expected KIND[=NUMBER][:FILE], e.g. bao-cao-thanh-tich=12/BC-SNV:report.pdf");
        }
        Ok(Self {
            kind: kind.to_owned(),
            number: number.to_owned(),
            file: file.map(PathBuf::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_has_a_kind_a_number_and_a_file() {
        let full: DocumentArg = "bao-cao-thanh-tich=12/BC:a/b.pdf".parse().expect("a paper");
        assert_eq!(
            (full.kind.as_str(), full.number.as_str()),
            ("bao-cao-thanh-tich", "12/BC")
        );
        assert_eq!(full.file, Some(PathBuf::from("a/b.pdf")));
        let bare: DocumentArg = "to-trinh".parse().expect("a paper");
        assert_eq!((bare.number.as_str(), bare.file), ("", None));
        let scanned: DocumentArg = "to-trinh:x=1.pdf".parse().expect("a paper");
        assert_eq!(
            (scanned.number.as_str(), scanned.file),
            ("", Some(PathBuf::from("x=1.pdf")))
        );
        for bad in ["", "=1", ":x", "to-trinh:"] {
            assert!(bad.parse::<DocumentArg>().is_err(), "{bad}");
        }
    }

    #[test]
    fn attachments_lie_beside_the_dossier_file_and_go_in_chunks() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = vec![7; CHUNK_BYTES + 1];
        std::fs::write(folder.path().join("b.pdf"), &bytes).expect("a file");
        let path = folder.path().join("a.json");
        let text = r#"{"documents": [{"kind": "to-trinh"}, {"kind": "bao-cao-thanh-tich", "file": "b.pdf"}]}"#;
        std::fs::write(&path, text).expect("a file");
        let prepared = Prepared::read(&path).expect("a dossier");
        let content: Value = serde_json::from_str(&prepared.content).expect("JSON");
        assert_eq!(content["documents"][1]["sha256"], hex::encode(Sha256::digest(&bytes)));
        let parts: Vec<_> = prepared.attachments[0]
            .parts()
            .expect("parts")
            .filter_map(|part| part.part)
            .collect();
        assert!(matches!(&parts[0], Part::Header(header) if header.size == bytes.len() as u64));
        assert_eq!(parts.len(), 3);
    }

    #[test]
    fn a_claimed_digest_must_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("b.pdf"), "x").expect("a file");
        let path = folder.path().join("a.json");
        let text = r#"{"documents": [{"kind": "to-trinh", "file": "b.pdf", "sha256": "00"}]}"#;
        std::fs::write(&path, text).expect("a file");
        assert!(Prepared::read(&path).is_err());
    }
}
