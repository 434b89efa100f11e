//! The part of a directory that a verdict looked at: small enough to be kept beside it, so that it replays for ever.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Agencies, Agency, DossierFile, LawError, LocalAward, route::STATE_BODIES};

/// The canonical form.
#[derive(Serialize, Deserialize)]
struct Canonical {
    agency: Vec<Agency>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    local_award: Vec<LocalAward>,
}

impl Agencies {
    /// These agencies with all above them and all that took their places, on whatever day, the bodies of the State, and
    /// these awards of agencies' own. Codes that the directory does not have are left out: it says the same of them.
    #[must_use]
    pub fn extract<'a>(
        &'a self,
        agencies: impl IntoIterator<Item = &'a str>,
        awards: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut wanted: Vec<&str> = STATE_BODIES.to_vec();
        wanted.extend(agencies);
        let local: BTreeSet<&str> = awards.into_iter().filter(|award| award.contains('/')).collect();
        wanted.extend(local.iter().filter_map(|award| award.split('/').next()));
        let mut seen = BTreeSet::new();
        let mut taken = Vec::new();
        while let Some(code) = wanted.pop() {
            let Some(agency) = self.get(code).filter(|agency| seen.insert(agency.code.as_str())) else {
                continue;
            };
            wanted.extend(agency.parent.as_deref());
            wanted.extend(agency.second_parent.as_deref());
            wanted.extend(agency.successor.as_deref());
            taken.push(agency.clone());
        }
        let mut extract = Self::from_list(taken);
        for award in self.local_awards().filter(|award| local.contains(award.code.as_str())) {
            extract.insert_local_award(award.clone());
        }
        extract
    }

    /// The part that a check and the route of this dossier look at.
    #[must_use]
    pub fn extract_for(&self, dossier: &DossierFile) -> Self {
        let agencies = [dossier.candidate.agency.as_str(), dossier.submitting_agency.as_str()];
        let held = dossier.record.awards.iter().map(|held| held.award.as_str());
        self.extract(agencies, held.chain([dossier.award.as_str()]))
    }

    /// The canonical form: JSON, by code. Equal extracts have equal texts.
    pub fn canonical(&self) -> String {
        let all = Canonical {
            agency: self.iter().cloned().collect(),
            local_award: self.local_awards().cloned().collect(),
        };
        serde_json::to_string(&all).expect("plain data has a JSON form")
    }

    /// Reads the canonical form.
    ///
    /// # Errors
    /// [`LawError::Data`] where the text is none.
    pub fn from_canonical(text: &str) -> Result<Self, LawError> {
        let all: Canonical = serde_json::from_str(text).map_err(|error| LawError::Data {
            file: "extract of the directory".to_owned(),
            reason: error.to_string(),
        })?;
        let mut extract = Self::from_list(all.agency);
        for award in all.local_award {
            extract.insert_local_award(award);
        }
        Ok(extract)
    }

    /// SHA-256, in hex, of the canonical form.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.canonical()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extract_holds_the_chains_and_says_what_the_whole_says() {
        let all = Agencies::embedded();
        let day = time::macros::date!(2025 - 09 - 15);
        let extract = all.extract(["so-noi-vu-hung-yen"], []);
        assert!(extract.len() < all.len());
        assert_eq!(
            extract.chain_on("so-noi-vu-hung-yen", day),
            all.chain_on("so-noi-vu-hung-yen", day)
        );
        let read = Agencies::from_canonical(&extract.canonical()).expect("it was written so");
        assert_eq!((read.digest(), &read), (extract.digest(), &extract));
        assert!(Agencies::from_canonical("[]").is_err());
    }
}
