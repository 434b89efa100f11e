//! What is known of a dossier without reading its content.

use serde::{Deserialize, Serialize};

use super::Relied;

/// The parts of the content that searches and events need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Award code.
    pub award: String,
    /// The year that the award is for.
    #[serde(default)]
    pub award_year: i32,
    /// Basis, e.g. `merit`.
    pub basis: String,
    /// individual, collective or household.
    pub candidate_kind: String,
    /// The candidate's name.
    pub candidate_name: String,
    /// The candidate's personal or unit number, or empty.
    pub candidate_person: String,
    /// The candidate's agency.
    pub candidate_agency: String,
    /// Who proposes.
    pub submitting_agency: String,
    /// The sender's own number for it, or empty.
    pub reference: String,
    /// Number of the letter of submission.
    pub letter_number: String,
    /// Its day, ISO 8601.
    pub letter_date: String,
    /// Earlier awards that the file lists.
    #[serde(default)]
    pub relies: Vec<Relied>,
}
