//! The words of a dossier's course: what is known of it, where it can be, and what can be asked of it.

use law::Route;
use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    Amendment, Answer, Assignment, Consultation, Deadline, Death, Decided, Late, Lowered, Move, Moved, Presentation,
    Recovery, SentBack, Stopped, TakeOver, calendar::DayChange,
};

/// What is known of a course, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// What was submitted.
    pub opening: Option<Opening>,
    /// Index of the station that holds it.
    pub station: usize,
    /// The limit of the present station, while its clock runs: from receipt on.
    pub limit: Option<Deadline>,
    /// The limit that ran at the station before, until the present one takes the dossier up: a recall goes on with it.
    pub sent: Option<Deadline>,
    /// The present station's limit, while its clock stands: returned or halted.
    pub stopped: Option<Stopped>,
    /// By when a supplement is due, while it is.
    pub supplement: Option<Deadline>,
    /// The last day of the running publication.
    pub publication: Option<Deadline>,
    /// Whether the present station's appraisal found that it meets the criteria.
    pub appraised: Option<bool>,
    /// Where the present station's council is with it.
    pub council: Council,
    /// Signed comments that came during publication.
    pub signed_comments: u32,
    /// Number of the newest letter that carried it.
    pub letter: String,
    /// Opinions that the present station asked for.
    #[serde(default)]
    pub consultations: Vec<Consultation>,
    /// How it was decided.
    pub decided: Option<Decided>,
    /// The candidate's death: what is awarded, is posthumously.
    #[serde(default)]
    pub died: Option<Death>,
    /// The candidate's moves to other agencies, oldest first.
    #[serde(default)]
    pub moves: Vec<Move>,
    /// Agencies that have ended and whose successors act here, oldest first.
    #[serde(default)]
    pub taken_over: Vec<TakeOver>,
    /// Awards that were given up after failed votes, oldest first; the opening names the one that is left.
    #[serde(default)]
    pub lowered: Vec<Lowered>,
    /// Why it was sent back, each time, oldest first.
    #[serde(default)]
    pub returns: Vec<SentBack>,
    /// How it was handed over.
    #[serde(default)]
    pub presentation: Option<Presentation>,
    /// Decisions after the decision, oldest first.
    #[serde(default)]
    pub amendments: Vec<Amendment>,
    /// What is to be given back, while it is revoked.
    #[serde(default)]
    pub recovery: Option<Recovery>,
    /// The limit that has passed, while it is the one that runs.
    #[serde(default)]
    pub late: Option<Late>,
    /// When the limit began that was reminded of: one reminder a limit, however often its clock stood or moved.
    #[serde(default)]
    pub reminded: Option<Date>,
    /// Who has the present task in hand.
    #[serde(default)]
    pub assigned: Option<Assignment>,
    /// Who appraised it, at any station of this round.
    #[serde(default)]
    pub appraised_by: Vec<String>,
    /// Where it is, for superstates: set before each dispatch, never stored.
    #[serde(skip)]
    pub(super) here: State,
}

/// What submission brings: the dossier's identity, and the law that it runs under for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The dossier's id.
    pub dossier: String,
    /// Counts submissions: a recalled dossier comes again.
    pub round: u32,
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
    /// Who proposed.
    pub submitting_agency: String,
    /// The verdict at submission.
    pub verdict: String,
    /// Number of the letter of submission.
    pub letter: String,
    /// The stations.
    pub route: Route,
}

/// Where a council is with the dossier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Council {
    /// No council is due here, or not yet.
    #[default]
    None,
    /// It may be tabled.
    Pending,
    /// A session has it on its agenda.
    Running,
    /// Passed, by signed minutes.
    Passed,
    /// Not passed, by signed minutes.
    Failed,
}

/// Where a course is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not submitted, or not heard of.
    #[default]
    New,
    /// Sent to the station, not taken up.
    Receiving,
    /// The standing body appraises it.
    Appraising,
    /// Other agencies are asked for their opinion.
    Consulting {
        /// Where it goes on.
        at: Box<State>,
    },
    /// Names are to be published, or are.
    Publishing {
        /// Whether they are.
        running: bool,
    },
    /// The station's council has to pass it.
    InCouncil,
    /// The station's leader has to sign the letter to the next.
    Signing,
    /// The authority decides.
    Deciding,
    /// Back with its proposer for supplement; the clock stands.
    Returned {
        /// Where it was returned from.
        from: Box<State>,
    },
    /// Halted by a complaint, inspection or investigation; the clock stands.
    Suspended {
        /// Where it goes on.
        at: Box<State>,
    },
    /// Taken back by its proposer: a draft again.
    Recalled,
    /// Taken back for good.
    Withdrawn,
    /// Awarded.
    Issued,
    /// Awarded, and the decision made public.
    Published,
    /// Awarded and handed over.
    Presented,
    /// Awarded, and the decision revoked since.
    Revoked {
        /// As it was before.
        from: Box<State>,
    },
    /// Not awarded.
    Refused,
}

/// What can be asked of a course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// It was submitted.
    Open(Box<Opening>),
    /// The office has the complete dossier.
    Receive {
        /// The limit that begins, if the law sets one.
        deadline: Option<Deadline>,
    },
    /// Back for supplement.
    Return {
        /// To whom, and why.
        back: SentBack,
        /// By when the supplement is due.
        due: Deadline,
        /// The station's limit, as its clock stops.
        stopped: Option<Stopped>,
    },
    /// Back to an earlier station, which appraises it anew.
    SendBack {
        /// To whom, and why.
        back: SentBack,
        /// Its index.
        station: usize,
        /// The limit that begins there, if the law sets one.
        deadline: Option<Deadline>,
    },
    /// The supplement arrived.
    Resubmit {
        /// The verdict now.
        verdict: String,
        /// The limit that goes on.
        deadline: Option<Deadline>,
    },
    /// The appraisal.
    Appraise {
        /// Whether it meets the criteria.
        meets: bool,
        /// The opinion.
        text: String,
    },
    /// Other agencies are asked for their opinion.
    Consult {
        /// Whose, and by when.
        asked: Vec<Consultation>,
    },
    /// An opinion came.
    Reply {
        /// Whose.
        agency: String,
        /// What it says.
        answer: Answer,
        /// The limit that begins where no other opinion is waited for, if the law sets one.
        after: Option<Deadline>,
    },
    /// The due day of an opinion is over.
    ConsultationOver {
        /// As with a reply.
        after: Option<Deadline>,
    },
    /// Names are published; once it was awarded, the decision is.
    Publish {
        /// Working days, the first counted.
        days: u32,
        /// The last day.
        until: Deadline,
    },
    /// A comment on published names.
    Comment {
        /// What it says.
        text: String,
        /// Whether it is signed: then the dossier is halted until it was looked into. An unsigned one is only recorded.
        signed: bool,
        /// With a signed one, the station's limit as its clock stops.
        #[serde(default)]
        stopped: Option<Stopped>,
    },
    /// A session has it on its agenda.
    Tabled,
    /// The session let it go without a result.
    Released,
    /// The minutes of its council are signed.
    Concluded {
        /// Whether it passed.
        passed: bool,
    },
    /// After a failed vote: a new session for a lower award.
    Lower {
        /// From which award to which.
        lowered: Lowered,
        /// The way that the law gives the lower one.
        route: Box<Route>,
    },
    /// The leader signs the letter that carries it on.
    Sign {
        /// The letter's number.
        letter: String,
    },
    /// The authority decides.
    Decide {
        /// Award, or refuse.
        award: bool,
        /// Whether the acting agency has the power to decide this award, today and by the directory.
        power: bool,
        /// How.
        decided: Decided,
    },
    /// A complaint, inspection or investigation is under way.
    Suspend {
        /// Which.
        because: String,
        /// The station's limit, as its clock stops.
        stopped: Option<Stopped>,
    },
    /// It ended.
    Resume {
        /// The limit that goes on.
        deadline: Option<Deadline>,
    },
    /// Taken back for good.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Taken back by the sender, while nobody has taken it up.
    Recall,
    /// The award is handed over.
    Present(Presentation),
    /// The authority corrects, revokes or restores the award.
    Amend {
        /// By which decision.
        amendment: Amendment,
        /// What a revocation asks back.
        recovery: Option<Recovery>,
    },
    /// The present task is handed to somebody, or back to all of the role.
    Assign {
        /// Stable id of the person.
        to: Option<String>,
    },
    /// The candidate has died.
    Died {
        /// The day.
        on: Date,
        /// The paper that says so.
        source: String,
    },
    /// The candidate has moved to another agency.
    Moved(Move),
    /// A successor acts for the first time in the place of an agency that has ended.
    TakeOver(TakeOver),
    /// The publication is over.
    PublicationOver,
    /// A limit has passed.
    LimitOver,
    /// A limit is near.
    Remind,
    /// It passed weeks ago: one above whoever is waited for is told.
    Escalate {
        /// ROLE@AGENCY.
        to: String,
        /// Whether there is another one above them.
        more: bool,
    },
    /// The working calendar was changed: deadlines that had not passed end on another day.
    Recount {
        /// The changes behind it.
        because: Vec<DayChange>,
        /// What moves, from which day to which.
        moved: Vec<Moved>,
    },
}
