//! The facts about a candidate, as the dossier file holds them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::dossier::Basis;

/// The facts about the candidate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When service began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hired_on: Option<Date>,
    /// Yearly ratings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<YearRating>,
    /// Awards held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<Award>,
    /// Initiatives, research, inventions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub initiatives: Vec<Initiative>,
    /// Posts held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Post>,
    /// Disciplinary measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discipline: Vec<Discipline>,
    /// Open or closed proceedings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proceedings: Vec<Proceeding>,
    /// Facts about the members of a collective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collective: Option<Collective>,
}

impl Record {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The rating of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearRating {
    /// Which year.
    pub year: i32,
    /// Mức độ hoàn thành nhiệm vụ.
    pub rating: Rating,
}

/// Mức độ hoàn thành nhiệm vụ, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rating {
    /// Không hoàn thành nhiệm vụ.
    KhongHoanThanh,
    /// Hoàn thành nhiệm vụ.
    HoanThanh,
    /// Hoàn thành tốt nhiệm vụ.
    HoanThanhTot,
    /// Hoàn thành xuất sắc nhiệm vụ.
    HoanThanhXuatSac,
}

/// An award that the candidate holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// Its code, also by an earlier name.
    pub award: String,
    /// The year that it is for.
    pub year: i32,
    /// The date of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The number of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Who decided, as it was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// For what kind of merit.
    #[serde(default)]
    pub basis: Basis,
    /// The period or act that it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub achievement: Option<PastAchievement>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_on: Option<Date>,
}

/// What an earlier award was given for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastAchievement {
    /// First day of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// The act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
}

/// An initiative, research topic, invention, or creativity in combat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Initiative {
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: InitiativeKind,
    /// How far it reaches.
    pub scope: Scope,
    /// The year of recognition.
    pub year: i32,
    /// Who recognised it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised_by: Option<String>,
    /// By which decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
}

/// What a recognised work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitiativeKind {
    /// Sáng kiến.
    Initiative,
    /// Đề tài khoa học, đề án khoa học.
    Research,
    /// Sáng chế, phát minh.
    Invention,
    /// Mưu trí, sáng tạo trong chiến đấu.
    CombatCreativity,
}

/// How far a work reaches, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Cơ sở.
    Grassroots,
    /// Cấp huyện.
    District,
    /// Bộ, ban, ngành, tỉnh.
    MinistryProvince,
    /// Toàn quốc.
    National,
}

/// A post held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The code of the post, e.g. `giam-doc-so`.
    pub post: String,
    /// First day.
    pub from: Date,
    /// Last day; none: still held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// A disciplinary measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discipline {
    /// Which.
    pub measure: Measure,
    /// The day of the decision.
    pub date: Date,
    /// The day on which the disciplinary period was completed; none: it still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Date>,
}

/// Hình thức kỷ luật, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Khiển trách.
    KhienTrach,
    /// Cảnh cáo.
    CanhCao,
    /// Hạ bậc lương.
    HaBacLuong,
    /// Giáng chức.
    GiangChuc,
    /// Cách chức.
    CachChuc,
    /// Buộc thôi việc.
    BuocThoiViec,
}

/// A proceeding: while it is open, the dossier waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proceeding {
    /// Which.
    pub kind: ProceedingKind,
    /// Since when.
    pub opened_on: Date,
    /// Until when; none: still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
}

/// What kind of proceeding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProceedingKind {
    /// Xem xét kỷ luật.
    Discipline,
    /// Điều tra.
    Investigation,
    /// Thanh tra, kiểm tra.
    Inspection,
    /// Khiếu nại, tố cáo.
    Complaint,
    /// Báo chí nêu, đang xác minh.
    PressReport,
}

/// Facts about the members of a collective, for one year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collective {
    /// Which year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Award code → how many members hold it for the year.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<String, u32>,
    /// Members rated hoàn thành or better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_or_better: Option<u32>,
    /// Measures against members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disciplined: Vec<Measure>,
    /// Rank in the cluster or bloc, 1 is first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_rank: Option<u32>,
    /// Of which cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_level: Option<ClusterLevel>,
    /// The movement that the collective stood out in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<Movement>,
}

/// Who runs a cluster or bloc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterLevel {
    /// Hội đồng Thi đua - Khen thưởng Trung ương.
    CentralCouncil,
    /// Bộ, ban, ngành, tỉnh.
    MinistryProvince,
    /// Sở, ban, ngành; cục, vụ.
    Department,
    /// Cấp huyện.
    District,
}

/// An emulation movement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Who launched it: an agency code or a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launched_by: Option<String>,
    /// How many years it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<u32>,
}
