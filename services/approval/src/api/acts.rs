//! Request → input, act by act.

use std::sync::Arc;

use access::Act;
use host::{Fault, Unit, replica::date};
use machine::Snapshot;
use proto::approval::v1::{self as v1, Agreement, Opinion, Outcome, Target};

use super::{
    act::{Numbered, OnCourses},
    field::{bounded, line, number, required},
};
use crate::{
    bonus, limits,
    machine::{Answer, Consultation, Course, Decided, Input, Lowered, Move, Presentation, SentBack},
    views,
};

on_courses! { ReceiveDossiersRequest, "ReceiveDossiers", Receive, by days true;
    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Receive {
            deadline: limits::begins(unit, &course.data)?,
        })
    }
}

on_courses! { ReturnDossiersRequest, "ReturnDossiers", Return, by days true;
    fn check(&self) -> Result<(), Fault> {
        required("reason", &self.reason)?;
        bounded("text", &self.text)?;
        if !self.to_level.is_empty() && !self.due.is_empty() {
            return Err(Fault::field("INVALID_REQUEST", "due", "goes with a supplement, not with `to_level`"));
        }
        date("due", &self.due).map(|_| ())
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let opening = course.data.opening.as_ref().ok_or_else(access::Denied::absent)?;
        let back = SentBack {
            on: unit.today(),
            from: unit.by().agency.clone(),
            to: opening.submitting_agency.clone(),
            level: self.to_level.clone(),
            reason: self.reason.clone(),
            text: self.text.clone(),
            due: None,
        };
        if self.to_level.is_empty() {
            let due = limits::supplement(unit, &course.data, date("due", &self.due)?)?;
            let back = SentBack { due: Some(due.day), ..back };
            let stopped = limits::stops(unit, &course.data)?;
            return Ok(Input::Return { back, due, stopped });
        }
        let earlier = &opening.route.stations[..course.data.station];
        let Some(station) = earlier.iter().position(|station| station.level.as_str() == self.to_level) else {
            let known: Vec<&str> = earlier.iter().map(|station| station.level.as_str()).collect();
            let what = format!("no earlier level of its way; there are: {}", known.join(", "));
            return Err(Fault::field("INVALID_REQUEST", "to_level", what));
        };
        let mut there = course.data.clone();
        there.station = station;
        Ok(Input::SendBack {
            back: SentBack { to: earlier[station].appraiser.clone(), ..back },
            station,
            deadline: limits::begins(unit, &there)?,
        })
    }
}

on_courses! { AppraiseDossiersRequest, "AppraiseDossiers", Appraise;
    fn check(&self) -> Result<(), Fault> {
        bounded("text", &self.text)?;
        if self.opinion() == Opinion::Unspecified {
            return Err(Fault::field("INVALID_REQUEST", "opinion", "MEETS or DOES_NOT_MEET"));
        }
        Ok(())
    }

    fn input(&self, _: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Appraise {
            meets: self.opinion() == Opinion::Meets,
            text: self.text.clone(),
        })
    }
}

on_courses! { PublishDossiersRequest, "PublishDossiers", Publish, by days true;
    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Publish {
            days: self.days,
            until: limits::publication(unit, &course.data, self.days)?,
        })
    }
}

impl OnCourses for v1::CommentOnDossierRequest {
    const METHOD: &'static str = "approval/CommentOnDossier";
    const ACT: Act = Act::Comment;
    const LIVES_BY_DAYS: bool = true;

    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn targets(&self) -> &[Target] {
        self.dossier.as_slice()
    }

    fn check(&self) -> Result<(), Fault> {
        required("text", &self.text)
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let stopped = if self.signed {
            limits::stops(unit, &course.data)?
        } else {
            None
        };
        Ok(Input::Comment {
            text: self.text.clone(),
            signed: self.signed,
            stopped,
        })
    }
}

on_courses! { SignLetterRequest, "SignLetter", Sign;
    fn check(&self) -> Result<(), Fault> {
        number("letter_number", &self.letter_number)
    }

    fn input(&self, _: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Sign {
            letter: self.letter_number.clone(),
        })
    }

    fn paper(&self) -> Option<Numbered<'_>> {
        Some(Numbered::Letter(&self.letter_number))
    }
}

/// What a number that is drawn takes the place of.
const NUMBER: &str = "{n}";

on_courses! { DecideDossiersRequest, "DecideDossiers", Decide;
    fn draws(&self) -> bool {
        self.decision_number.contains(NUMBER)
    }

    fn numbered(&self, number: u32) -> Self {
        Self {
            decision_number: self.decision_number.replacen(NUMBER, &number.to_string(), 1),
            ..self.clone()
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.outcome() == Outcome::Unspecified {
            return Err(Fault::field("INVALID_REQUEST", "outcome", "AWARD or REFUSE"));
        }
        if self.outcome() == Outcome::Award || !self.decision_number.is_empty() {
            number("decision_number", &self.decision_number)?;
        }
        bounded("reason", &self.reason)
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let today = unit.today();
        let award = self.outcome() == Outcome::Award;
        let agencies = Arc::clone(unit.agencies());
        let decider = course.data.at().and_then(|station| station.decider.as_deref()).unwrap_or_default();
        let power = views::acting(&agencies, decider, today).contains(&unit.by().agency.as_str());
        let acting = &unit.by().agency;
        let by_successor = if power && acting != decider { acting.clone() } else { String::new() };
        let bonus = award.then(|| bonus::of(unit, &course.data, today)).flatten();
        Ok(Input::Decide {
            award,
            power,
            decided: Decided {
                number: self.decision_number.clone(),
                on: today,
                by_successor,
                bonus_vnd: bonus.as_ref().map_or(0, |bonus| bonus.vnd),
                bonus: bonus.map(bonus::reckoned),
                reason: self.reason.clone(),
            },
        })
    }

    fn paper(&self) -> Option<Numbered<'_>> {
        (!self.decision_number.is_empty()).then_some(Numbered::Decision(&self.decision_number))
    }
}

on_courses! { LowerAwardsRequest, "LowerAwards", Decide;
    fn check(&self) -> Result<(), Fault> {
        line("award", &self.award, 200)?;
        required("reason", &self.reason)
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let opening = course.data.opening.as_ref().ok_or_else(access::Denied::absent)?;
        let (law, agencies, today) = (unit.law(), Arc::clone(unit.agencies()), unit.today());
        let (award, rule_set) = (&opening.award, &opening.route.rule_set);
        let refused = |reason| Err(Fault::refused(reason, format!("{} below {award}", self.award)));
        let lower = law.lower_awards(award, rule_set);
        let Some(lower) = lower.into_iter().find(|lower| lower.award.code == self.award) else {
            return refused("NOT_A_LOWER_AWARD");
        };
        if !lower.confirmed || !lower.award.confirmed {
            return refused("ORDER_NOT_CONFIRMED");
        }
        let way = (&opening.route, opening.candidate_agency.as_str());
        let Some(route) = law.lowered(way, course.data.station, lower.award, &agencies, today) else {
            return refused("DECIDER_PASSED");
        };
        Ok(Input::Lower {
            lowered: Lowered {
                from: award.clone(),
                to: self.award.clone(),
                reason: self.reason.clone(),
                on: today,
                agency: unit.by().agency.clone(),
            },
            route: Box::new(route),
        })
    }
}

on_courses! { SuspendDossiersRequest, "SuspendDossiers", Suspend, by days true;
    fn check(&self) -> Result<(), Fault> {
        required("because", &self.because)
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Suspend {
            because: self.because.clone(),
            stopped: limits::stops(unit, &course.data)?,
        })
    }
}

on_courses! { ResumeDossiersRequest, "ResumeDossiers", Resume, by days true;
    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Resume {
            deadline: limits::goes_on(unit, &course.data)?,
        })
    }
}

on_courses! { WithdrawDossiersRequest, "WithdrawDossiers", Withdraw;
    fn check(&self) -> Result<(), Fault> {
        bounded("reason", &self.reason)
    }

    fn input(&self, _: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Withdraw {
            reason: self.reason.clone(),
        })
    }
}

on_courses! { RecallDossiersRequest, "RecallDossiers", Recall;
    fn input(&self, _: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Recall)
    }
}

on_courses! { PresentDossiersRequest, "PresentDossiers", Present;
    fn check(&self) -> Result<(), Fault> {
        bounded("occasion", &self.occasion)
    }

    fn input(&self, unit: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        Ok(Input::Present(Presentation {
            on: unit.today(),
            occasion: self.occasion.clone(),
            agency: unit.by().agency.clone(),
        }))
    }
}

/// How many agencies one request asks.
const AGENCIES_MAX: usize = 20;

on_courses! { ConsultDossiersRequest, "ConsultDossiers", Consult, by days true;
    fn check(&self) -> Result<(), Fault> {
        if self.agencies.is_empty() || self.agencies.len() > AGENCIES_MAX {
            let what = format!("between 1 and {AGENCIES_MAX}");
            return Err(Fault::field("INVALID_REQUEST", "agencies", what));
        }
        if (1..self.agencies.len()).any(|at| self.agencies[..at].contains(&self.agencies[at])) {
            return Err(Fault::field("INVALID_REQUEST", "agencies", "each once"));
        }
        date("due", &self.due).map(|_| ())
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let (due, today) = (date("due", &self.due)?, unit.today());
        let agencies = Arc::clone(unit.agencies());
        let mut asked = Vec::with_capacity(self.agencies.len());
        for agency in &self.agencies {
            if agencies.get(agency).is_none() {
                return Err(Fault::field("UNKNOWN_AGENCY", "agencies", agency.clone()));
            }
            if !agencies.exists_on(agency, today) {
                return Err(Fault::refused("AGENCY_CLOSED", agency.clone()));
            }
            if *agency == unit.by().agency {
                return Err(Fault::refused("OWN_AGENCY", agency.clone()));
            }
            asked.push(Consultation {
                agency: agency.clone(),
                asked_by: unit.by().agency.clone(),
                until: limits::consultation(unit, &course.data, agency, due)?,
                answer: Answer::Asked,
            });
        }
        Ok(Input::Consult { asked })
    }
}

on_courses! { ReplyToConsultationRequest, "ReplyToConsultation", Reply, by days true;
    fn check(&self) -> Result<(), Fault> {
        bounded("text", &self.text)?;
        if self.opinion() == Agreement::Unspecified {
            return Err(Fault::field("INVALID_REQUEST", "opinion", "AGREE or DISAGREE"));
        }
        Ok(())
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let agencies = Arc::clone(unit.agencies());
        let own = |one: &&Consultation| {
            views::acting(&agencies, &one.agency, unit.today()).contains(&unit.by().agency.as_str())
        };
        // Whoever succeeded an agency answers for it; what is open comes first.
        let mut mine: Vec<&Consultation> = course.data.consultations.iter().filter(own).collect();
        mine.sort_by_key(|one| !one.is_open());
        let agency = mine.first().map(|one| one.agency.clone()).unwrap_or_default();
        Ok(Input::Reply {
            agency,
            answer: Answer::Given {
                agrees: self.opinion() == Agreement::Agree,
                text: self.text.clone(),
                on: unit.today(),
            },
            after: limits::after_consultation(unit, &course.data)?,
        })
    }
}

on_courses! { RecordDeathRequest, "RecordDeath", RecordDeath;
    fn check(&self) -> Result<(), Fault> {
        required("source", &self.source)?;
        died_on(&self.died_on).map(|_| ())
    }

    fn input(&self, unit: &mut Unit, _: &Snapshot<Course>) -> Result<Input, Fault> {
        let on = died_on(&self.died_on)?;
        if on > unit.today() {
            return Err(Fault::field("DATE_IN_FUTURE", "died_on", self.died_on.clone()));
        }
        let source = self.source.clone();
        Ok(Input::Died { on, source })
    }
}

on_courses! { RecordMoveRequest, "RecordMove", RecordMove;
    fn check(&self) -> Result<(), Fault> {
        required("source", &self.source)?;
        line("to_agency", &self.to_agency, 200)?;
        moved_on(&self.moved_on).map(|_| ())
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let (on, today) = (moved_on(&self.moved_on)?, unit.today());
        if on > today {
            return Err(Fault::field("DATE_IN_FUTURE", "moved_on", self.moved_on.clone()));
        }
        let agencies = unit.agencies();
        if agencies.get(&self.to_agency).is_none() {
            return Err(Fault::field("UNKNOWN_AGENCY", "to_agency", self.to_agency.clone()));
        }
        if !agencies.exists_on(&self.to_agency, today) {
            return Err(Fault::refused("AGENCY_CLOSED", self.to_agency.clone()));
        }
        Ok(Input::Moved(Move {
            from: course.data.candidate_agency_now().to_owned(),
            to: self.to_agency.clone(),
            on,
            source: self.source.clone(),
        }))
    }
}

fn moved_on(text: &str) -> Result<time::Date, Fault> {
    date("moved_on", text)?.ok_or_else(|| Fault::field("INVALID_REQUEST", "moved_on", "is required"))
}

fn died_on(text: &str) -> Result<time::Date, Fault> {
    date("died_on", text)?.ok_or_else(|| Fault::field("INVALID_REQUEST", "died_on", "is required"))
}
