//! Acts on one or many dossiers: all of them or none, with a reason for each that cannot be done; and their preview.

use std::sync::Arc;

use access::{Act, Principal};
use host::{Call, Fault, Reason, Unit, principal};
use journal::Key;
use machine::{Machine as _, Snapshot};
use prost::Message;
use proto::approval::v1::{self as v1, ActResponse, Preview, Target, preview_act_request::Act as Previewed};
use tonic::{Request, Response, Status};

use super::{Api, admit};
use crate::{
    limits,
    machine::{
        Course, Decision, DecisionInput, Input, Letter, LetterInput, Numbering, NumberingInput, OfficeCalendar, Paper,
        TakeOver,
    },
    views,
};

/// How many dossiers one act takes.
const TARGETS_MAX: usize = 2_000;

/// How many numbers that were given by hand one drawing passes over.
const SKIPPED_MAX: u32 = 200;

/// A request that acts on courses.
pub(super) trait OnCourses: Message + Default + Clone {
    /// The method's name, for repeats.
    const METHOD: &'static str;
    /// What it does, for access.
    const ACT: Act;
    /// Whether a deadline begins, stops or goes on with it: the calendar is loaded with the dossiers.
    const LIVES_BY_DAYS: bool = false;

    fn request_id(&self) -> &str;

    fn targets(&self) -> &[Target];

    /// What is wrong with the request itself.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The input of one course.
    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault>;

    /// Whether it draws the number of its paper.
    fn draws(&self) -> bool {
        false
    }

    /// The same with the number that was drawn.
    #[must_use]
    fn numbered(&self, _number: u32) -> Self
    where
        Self: Sized + Clone,
    {
        self.clone()
    }

    /// The paper that it makes, once for all of them.
    fn paper(&self) -> Option<Numbered<'_>> {
        None
    }
}

/// A paper with its number.
pub(super) enum Numbered<'a> {
    Letter(&'a str),
    Decision(&'a str),
}

/// The same expression for whichever act it is.
macro_rules! each_act {
    ($of:expr, |$act:ident| $do:expr) => {
        match &$of {
            Previewed::Receive($act) => $do,
            Previewed::Return($act) => $do,
            Previewed::Appraise($act) => $do,
            Previewed::Publish($act) => $do,
            Previewed::Sign($act) => $do,
            Previewed::Decide($act) => $do,
            Previewed::Suspend($act) => $do,
            Previewed::Resume($act) => $do,
            Previewed::Withdraw($act) => $do,
            Previewed::Recall($act) => $do,
            Previewed::Present($act) => $do,
            Previewed::Consult($act) => $do,
            Previewed::Reply($act) => $do,
            Previewed::Correct($act) => $do,
            Previewed::Revoke($act) => $do,
            Previewed::Restore($act) => $do,
            Previewed::Reissue($act) => $do,
            Previewed::Lower($act) => $do,
            Previewed::Death($act) => $do,
            Previewed::Move($act) => $do,
        }
    };
}

impl Api {
    /// All of the dossiers or none.
    pub(super) async fn act<R: OnCourses>(&self, request: Request<R>) -> Result<Response<ActResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        sound(&request)?;
        let call = Call::new(who.clone(), R::METHOD, request.request_id(), &request)?;
        if !request.draws() {
            let act = self.0.act(&call, keys(&request), |unit| all(&request, unit, &who));
            return Ok(Response::new(act.await?));
        }
        // One after the other: whoever waits here draws at the first go.
        let _turn = self.1.lock().await;
        for _ in 0..SKIPPED_MAX {
            let act = self.0.act(&call, keys(&request), |unit| {
                let numbering = numbering(unit, &who);
                let drawn = unit.step::<Numbering>(&numbering, NumberingInput::Draw)?;
                all(&request.numbered(drawn.data.last), unit, &who)
            });
            match act.await {
                Err(Fault::Refused {
                    reason: "NUMBER_TAKEN", ..
                }) => self.skip(&who).await?,
                done => return Ok(Response::new(done?)),
            }
        }
        Err(Fault::Contended.into())
    }

    /// The next number was given by hand: it is passed over, and that is on record.
    async fn skip(&self, who: &Principal) -> Result<(), Fault> {
        let skip = |unit: &mut Unit| {
            let numbering = numbering(unit, who);
            let last = unit.get::<Numbering>(&numbering)?.map_or(0, |at| at.data.last);
            let number = last + 1;
            unit.step::<Numbering>(&numbering, NumberingInput::Skip { number })
                .map(|_| ())
        };
        self.0.work("a number was given by hand", Vec::new(), skip).await
    }

    /// What an act would do.
    pub(super) async fn preview(
        &self,
        request: Request<v1::PreviewActRequest>,
    ) -> Result<Response<v1::PreviewActResponse>, Status> {
        let who = principal(&request)?;
        let Some(act) = request.into_inner().act else {
            return Err(Fault::field("INVALID_REQUEST", "act", "is required").into());
        };
        let previews = each_act!(act, |act| self.preview_of(&who, act).await);
        Ok(Response::new(v1::PreviewActResponse { previews: previews? }))
    }

    async fn preview_of<R: OnCourses>(&self, who: &Principal, request: &R) -> Result<Vec<Preview>, Fault> {
        sound(request)?;
        let read = self.0.read(who, keys(request), |unit| {
            let previews = request.targets().iter().map(|target| {
                let dossier = target.dossier.clone();
                match one(request, unit, who, target) {
                    Ok(next) => {
                        let shown = shown(unit, &dossier, &next)?;
                        Ok(Preview {
                            possible: true,
                            step: shown.step,
                            status: shown.status,
                            agency: shown.agency,
                            dossier,
                            ..Preview::default()
                        })
                    }
                    Err(fault @ (Fault::Refused { .. } | Fault::Denied(_) | Fault::Stale { .. })) => {
                        let Reason { name, vi, en, .. } = Reason::named(fault.reason());
                        Ok(Preview {
                            dossier,
                            reason: name.to_owned(),
                            vi: vi.to_owned(),
                            en: en.to_owned(),
                            ..Preview::default()
                        })
                    }
                    Err(fault) => Err(fault),
                }
            });
            previews.collect()
        });
        read.await
    }
}

/// Does an act to one dossier, as a call of its own would.
pub(crate) fn apply(
    act: &Previewed,
    unit: &mut Unit,
    who: &Principal,
    target: &Target,
) -> Result<Arc<Snapshot<Course>>, Fault> {
    each_act!(*act, |request| one(request, unit, who, target))
}

/// What a bulk act needs to know of the act: its name, the dossiers, and the paper that it makes for `who` today.
pub(super) fn taken_apart(
    act: &Previewed,
    unit: &Unit,
    who: &Principal,
) -> Result<(&'static str, Vec<Target>, Option<Paper>), Fault> {
    let name = match act {
        Previewed::Receive(_) => "receive",
        Previewed::Return(_) => "return",
        Previewed::Appraise(_) => "appraise",
        Previewed::Publish(_) => "publish",
        Previewed::Sign(_) => "sign",
        Previewed::Decide(_) => "decide",
        Previewed::Suspend(_) => "suspend",
        Previewed::Resume(_) => "resume",
        Previewed::Withdraw(_) => "withdraw",
        Previewed::Recall(_) => "recall",
        Previewed::Present(_) => "present",
        Previewed::Consult(_) => "consult",
        Previewed::Reply(_) => "reply",
        Previewed::Correct(_) => "correct",
        Previewed::Revoke(_) => "revoke",
        Previewed::Restore(_) => "restore",
        Previewed::Reissue(_) => "reissue",
        Previewed::Lower(_) => "lower",
        Previewed::Death(_) => "death",
        Previewed::Move(_) => "move",
    };
    each_act!(*act, |request| {
        sound(request)?;
        if request.draws() {
            return Err(Fault::field(
                "INVALID_REQUEST",
                "decision_number",
                "a bulk act is given its number",
            ));
        }
        let paper = request.paper().map(|numbered| {
            let (Numbered::Letter(number) | Numbered::Decision(number)) = numbered;
            Paper {
                agency: who.agency.clone(),
                year: unit.today().year(),
                number: number.to_owned(),
                dossiers: Vec::new(),
            }
        });
        Ok((name, request.targets().to_vec(), paper))
    })
}

/// The act without its dossiers and its request id.
pub(super) fn bare(mut act: Previewed) -> Previewed {
    macro_rules! bare {
        ($($kind:ident)*) => {
            match &mut act {
                $(Previewed::$kind(request) => {
                    request.dossiers.clear();
                    request.request_id.clear();
                })*
            }
        };
    }
    bare!(Receive Return Appraise Publish Sign Decide Suspend Resume Withdraw Recall Present Consult Reply Correct Revoke Restore Reissue Lower Death Move);
    act
}

/// Who may do the act at all.
pub(super) fn act_of(act: &Previewed) -> Act {
    fn of<R: OnCourses>(_: &R) -> Act {
        R::ACT
    }
    each_act!(*act, |request| of(request))
}

/// An act on all of its dossiers, or why not.
fn all<R: OnCourses>(request: &R, unit: &mut Unit, who: &Principal) -> Result<ActResponse, Fault> {
    let (mut courses, mut refused) = (Vec::new(), Vec::new());
    for (place, target) in request.targets().iter().enumerate() {
        match one(request, unit, who, target) {
            // An answer is kept for repeats: what never changes is read with GetCourse.
            Ok(next) => courses.push(v1::Course {
                route: String::new(),
                ..shown(unit, &target.dossier, &next)?
            }),
            Err(fault @ (Fault::Refused { .. } | Fault::Denied(_))) => refused.push((place, fault)),
            Err(fault) => return Err(fault),
        }
    }
    if let Some(fault) = each_with_its_reason(refused, request.targets().len()) {
        return Err(fault);
    }
    number(request, unit, who)?;
    Ok(ActResponse { courses })
}

/// The numbering that an agency's decisions of this year are drawn from.
fn numbering(unit: &Unit, who: &Principal) -> String {
    format!("{}/{}", who.agency, unit.today().year())
}

fn sound<R: OnCourses>(request: &R) -> Result<(), Fault> {
    request.check()?;
    let targets = request.targets().len();
    if targets == 0 || targets > TARGETS_MAX {
        let what = format!("between 1 and {TARGETS_MAX}");
        return Err(Fault::field("INVALID_REQUEST", "dossiers", what));
    }
    Ok(())
}

fn keys<R: OnCourses>(request: &R) -> Vec<Key> {
    let courses = request
        .targets()
        .iter()
        .map(|target| Key::new(Course::NAME, &target.dossier));
    let calendar = R::LIVES_BY_DAYS.then(|| Key::new(OfficeCalendar::NAME, limits::CALENDAR));
    courses.chain(calendar).collect()
}

fn one<R: OnCourses>(
    request: &R,
    unit: &mut Unit,
    who: &Principal,
    Target { dossier, etag }: &Target,
) -> Result<Arc<Snapshot<Course>>, Fault> {
    let course = admit(unit, who, R::ACT, dossier)?;
    unit.check_etag::<Course>(dossier, etag)?;
    let course = taken_over(unit, who, dossier, course)?;
    let input = request.input(unit, &course)?;
    unit.step::<Course>(dossier, input)
}

/// A successor that acts in the place of an agency which has ended says so first, once: both names are on record.
fn taken_over(
    unit: &mut Unit,
    who: &Principal,
    dossier: &str,
    course: Arc<Snapshot<Course>>,
) -> Result<Arc<Snapshot<Course>>, Fault> {
    let (agencies, on) = (Arc::clone(unit.agencies()), unit.today());
    let held_by = course.data.agency(&course.state);
    let acts = agencies.acting_on(&held_by, on).map(|acting| acting.code.clone());
    let Some(to) = acts.filter(|to| *to == who.agency && *to != held_by) else {
        return Ok(course);
    };
    let known = course
        .data
        .taken_over
        .iter()
        .any(|one| one.from == held_by && one.to == to);
    if known {
        return Ok(course);
    }
    let input = Input::TakeOver(TakeOver { from: held_by, to, on });
    unit.step::<Course>(dossier, input)
}

fn shown(unit: &mut Unit, dossier: &str, course: &Snapshot<Course>) -> Result<v1::Course, Fault> {
    let version = unit.version::<Course>(dossier)?;
    let shown = views::show(dossier, version, course, unit.now());
    Ok(views::today(shown, unit.agencies(), unit.today()))
}

/// One dossier's refusal is the answer; of several, each says its own reason under the first one's.
fn each_with_its_reason(mut refused: Vec<(usize, Fault)>, of: usize) -> Option<Fault> {
    if of == 1 || refused.len() == 1 && matches!(refused[0].1, Fault::Denied(_)) {
        return refused.pop().map(|(_, fault)| fault);
    }
    // What is not the caller's to act on is not told apart from what does not exist.
    if let Some(at) = refused.iter().position(|(_, fault)| matches!(fault, Fault::Denied(_))) {
        return Some(refused.swap_remove(at).1);
    }
    let (_, first) = refused.first()?;
    let reason = first.reason();
    let fields = refused
        .iter()
        .map(|(place, fault)| (format!("dossiers[{place}]"), fault.to_string()));
    Some(Fault::Invalid {
        reason,
        fields: fields.collect(),
    })
}

/// The paper that an act makes.
fn number<R: OnCourses>(request: &R, unit: &mut Unit, who: &Principal) -> Result<(), Fault> {
    let Some(numbered) = request.paper() else { return Ok(()) };
    let (Numbered::Letter(number) | Numbered::Decision(number)) = numbered;
    let paper = Paper {
        agency: who.agency.clone(),
        year: unit.today().year(),
        number: number.to_owned(),
        dossiers: request.targets().iter().map(|target| target.dossier.clone()).collect(),
    };
    let id = unit.fresh_id();
    match numbered {
        Numbered::Letter(_) => {
            unit.assume_new::<Letter>(&id);
            unit.step::<Letter>(&id, LetterInput::Sign { paper }).map(|_| ())
        }
        Numbered::Decision(_) => {
            unit.assume_new::<Decision>(&id);
            unit.step::<Decision>(&id, DecisionInput::Issue { paper }).map(|_| ())
        }
    }
}
