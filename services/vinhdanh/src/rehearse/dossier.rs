//! A dossier file, and what a submission changes in it.

use std::path::{Path, PathBuf};

use access::Role;
use anyhow::{Context, bail};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::Date;

use super::scenario::Actor;

/// A dossier file (version 1) and where it lies, since its attachments are named relative to it.
#[derive(Clone, Debug)]
pub struct DossierFile {
    path: PathBuf,
    content: Map<String, Value>,
}

/// An attachment that a dossier file names.
pub struct Attachment {
    /// Lower-case hex, taken over `bytes`.
    pub sha256: String,
    /// The document itself.
    pub bytes: Vec<u8>,
}

impl DossierFile {
    /// Reads a file; that it is a good dossier is for intake to say.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        match serde_json::from_str(&text).context("is not JSON")? {
            Value::Object(content) => Ok(Self {
                path: path.to_owned(),
                content,
            }),
            _ => bail!("is not a JSON object"),
        }
    }

    /// The content as written.
    pub fn content(&self) -> String {
        Value::Object(self.content.clone()).to_string()
    }

    /// The content that `agency` submits under `letter`: both replace what the file says, the letter's date stays. What
    /// is submitted on `today` was not received later: such a day is left out. A candidate without a number gets the
    /// one that `nominee@AGENCY` acts under.
    /// Documents with a file carry the digest of its bytes, unless the file claims one.
    pub fn submitted_by(
        &self,
        agency: &str,
        letter: Option<&str>,
        today: Option<Date>,
    ) -> anyhow::Result<(String, Vec<Attachment>)> {
        let mut content = self.content.clone();
        content.insert("submitting_agency".to_owned(), json!(agency));
        if let Some(number) = letter {
            match content.get_mut("letter") {
                Some(Value::Object(letter)) => letter.insert("number".to_owned(), json!(number)),
                _ => bail!("{} has no letter whose number could be replaced", self.path.display()),
            };
        }
        let received = content.get("received_on").and_then(Value::as_str);
        if let Some((received, today)) = received.zip(today)
            && *received > *today.to_string()
        {
            content.remove("received_on");
        }
        if let Some(Value::Object(candidate)) = content.get_mut("candidate")
            && let Some(nominee) = candidate
                .get("agency")
                .and_then(Value::as_str)
                .and_then(|agency| Actor::of(Role::Nominee, agency).person())
        {
            candidate.entry("id").or_insert_with(|| json!(nominee));
        }
        let mut attachments = Vec::new();
        for document in content
            .get_mut("documents")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let Some(file) = document.get("file").and_then(Value::as_str) else {
                continue;
            };
            let path = self.path.parent().unwrap_or(Path::new(".")).join(file);
            let bytes =
                std::fs::read(&path).with_context(|| format!("cannot read the attachment {}", path.display()))?;
            let sha256 = hex::encode(Sha256::digest(&bytes));
            if let Some(document) = document.as_object_mut() {
                document.entry("sha256").or_insert_with(|| json!(sha256));
            }
            attachments.push(Attachment { sha256, bytes });
        }
        Ok((Value::Object(content).to_string(), attachments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_submitted_was_not_received_later_and_its_candidate_can_act() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, r#"{"candidate": {"agency": "x"}, "received_on": "2026-10-15"}"#).unwrap();
        let file = DossierFile::read(&path).unwrap();
        let on = |day| {
            let (content, _) = file.submitted_by("x", None, Some(day)).unwrap();
            serde_json::from_str::<Value>(&content).unwrap()
        };
        let early = on(time::macros::date!(2026 - 10 - 12));
        assert_eq!(early.get("received_on"), None);
        assert_eq!(early["candidate"]["id"], "nominee@x");
        assert_eq!(on(time::macros::date!(2026 - 10 - 15))["received_on"], "2026-10-15");
    }

    #[test]
    fn the_acting_agency_and_the_letter_replace_what_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let text = r#"{"submitting_agency": "x", "letter": {"number": "1", "date": "2025-09-15"},
            "documents": [{"kind": "to-trinh"}, {"kind": "bao-cao-thanh-tich", "file": "b.txt"}]}"#;
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("b.txt"), "thành tích").unwrap();
        let file = DossierFile::read(&path).unwrap();
        let (content, attachments) = file
            .submitted_by("so-noi-vu-hung-yen", Some("12/TTr-SNV"), None)
            .unwrap();
        let content: Value = serde_json::from_str(&content).unwrap();
        assert_eq!(content["submitting_agency"], "so-noi-vu-hung-yen");
        assert_eq!(content["letter"], json!({"number": "12/TTr-SNV", "date": "2025-09-15"}));
        assert_eq!(content["documents"][1]["sha256"], json!(attachments[0].sha256));
        assert_eq!(attachments[0].bytes, "thành tích".as_bytes());
    }
}
