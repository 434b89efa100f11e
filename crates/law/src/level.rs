//! The levels that a dossier climbs.

use serde::{Deserialize, Serialize};

/// A level of the administration, lowest first. A provincial department or a ministry's own department is
/// [`Level::Department`]; a commune, ward or any body with its own seal below that is [`Level::Unit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A commune, ward, special zone, school, enterprise: any body with its own seal.
    Unit,
    /// A provincial department, or a department of a ministry.
    Department,
    /// A district; the level ended on 2025-07-01.
    District,
    /// A ministry, sector, central organisation or province.
    MinistryOrProvince,
    /// The Prime Minister, the Government, the President and the bodies that serve them.
    State,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Unit,
        Self::Department,
        Self::District,
        Self::MinistryOrProvince,
        Self::State,
    ];

    /// The code as it stands in files and interfaces, e.g. `ministry-or-province`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Department => "department",
            Self::District => "district",
            Self::MinistryOrProvince => "ministry-or-province",
            Self::State => "state",
        }
    }

    /// The name for people, in Vietnamese.
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Unit => "cấp cơ sở",
            Self::Department => "cấp sở, ban, ngành; cục, vụ",
            Self::District => "cấp huyện",
            Self::MinistryOrProvince => "cấp bộ, ban, ngành, tỉnh",
            Self::State => "cấp Nhà nước",
        }
    }
}

impl std::str::FromStr for Level {
    type Err = ();

    /// The level of this code; nothing is said about any other text.
    fn from_str(code: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.as_str() == code).ok_or(())
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
