//! Acts on one or many dossiers: all of them or none, with a reason for each that cannot be done; and their preview.

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
    machine::{Course, Decision, DecisionInput, Input, Letter, LetterInput, OfficeCalendar, Paper},
    views,
};

/// How many dossiers one act takes.
const TARGETS_MAX: usize = 2_000;

/// A request that acts on courses.
pub(super) trait OnCourses: Message + Default {
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

impl Api {
    /// All of the dossiers or none.
    pub(super) async fn act<R: OnCourses>(&self, request: Request<R>) -> Result<Response<ActResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        sound(&request)?;
        let call = Call::new(who.clone(), R::METHOD, request.request_id(), &request)?;
        let reply = self.0.act(&call, keys(&request), |unit| {
            let (mut courses, mut refused) = (Vec::new(), Vec::new());
            for (place, target) in request.targets().iter().enumerate() {
                match one(&request, unit, &who, target) {
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
            number(&request, unit, &who)?;
            Ok(ActResponse { courses })
        });
        Ok(Response::new(reply.await?))
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
        let previews = match act {
            Previewed::Receive(act) => self.preview_of(&who, &act).await,
            Previewed::Return(act) => self.preview_of(&who, &act).await,
            Previewed::Appraise(act) => self.preview_of(&who, &act).await,
            Previewed::Publish(act) => self.preview_of(&who, &act).await,
            Previewed::Sign(act) => self.preview_of(&who, &act).await,
            Previewed::Decide(act) => self.preview_of(&who, &act).await,
            Previewed::Suspend(act) => self.preview_of(&who, &act).await,
            Previewed::Resume(act) => self.preview_of(&who, &act).await,
            Previewed::Withdraw(act) => self.preview_of(&who, &act).await,
            Previewed::Recall(act) => self.preview_of(&who, &act).await,
            Previewed::Present(act) => self.preview_of(&who, &act).await,
            Previewed::Consult(act) => self.preview_of(&who, &act).await,
            Previewed::Reply(act) => self.preview_of(&who, &act).await,
            Previewed::Correct(act) => self.preview_of(&who, &act).await,
            Previewed::Revoke(act) => self.preview_of(&who, &act).await,
            Previewed::Restore(act) => self.preview_of(&who, &act).await,
            Previewed::Death(act) => self.preview_of(&who, &act).await,
        };
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
) -> Result<std::sync::Arc<Snapshot<Course>>, Fault> {
    let course = admit(unit, who, R::ACT, dossier)?;
    unit.check_etag::<Course>(dossier, etag)?;
    let input = request.input(unit, &course)?;
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
