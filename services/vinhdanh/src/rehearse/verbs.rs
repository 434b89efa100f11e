//! The verbs of a step, with their fields: one line of the format's table each.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use super::{
    expect::Expect,
    scenario::Colleague,
    span::When,
    submit::Submit,
    values::{
        Agencies, Agreement, Answer, Channel, Check, Disturbance, Ids, Members, Opinion, Outcome, Services, Share,
    },
};

/// What a step does.
#[derive(Debug)]
pub enum Verb {
    Submit(Submit),
    Receive(Many),
    Return(Return),
    Supplement(Supplement),
    Appraise(Appraise),
    Consult(Consult),
    Reply(Reply),
    Publish(Publish),
    Comment(Comment),
    Constitute(Constitute),
    Convene(Convene),
    Add(Add),
    Invite(Invite),
    Attend(Attend),
    Adjourn(Adjourn),
    Cancel(Cancel),
    Recuse(Recuse),
    Declare(Declare),
    Vote(Vote),
    Close(InSession),
    Minute(InSession),
    SignMinutes(InSession),
    Sign(Sign),
    Decide(Decide),
    Present(Present),
    Lower(Lower),
    Died(Died),
    Moved(Moved),
    Bulk(Bulk),
    Record(Record),
    AmendRecord(AmendRecord),
    Suspend(Suspend),
    Resume(Many),
    Withdraw(Many),
    Recall(Many),
    Correct(AfterDecision),
    Revoke(AfterDecision),
    Restore(AfterDecision),
    Reissue(AfterDecision),
    Delegate(Delegate),
    Assign(Assign),
    Subscribe(Subscribe),
    Receiver(Receiver),
    Advance(When),
    Restart(Services),
    Bus(Disturbance),
    Check(Check),
    Expect(Expect),
}

macro_rules! fields {
    ($($(#[$meta:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $($(#[$attr])* pub $field: $kind,)* }
        )*
    };
}

fields! {
    /// Fields of `receive`, `resume`, `withdraw` and `recall`.
    Many { dossiers: Ids, }
    /// Fields of `return`; without `due` the law says by when; `to` is an earlier level that has to appraise it anew.
    Return {
        dossiers: Ids,
        reason: String,
        #[serde(default)] text: String,
        due: Option<When>,
        #[serde(default)] to: String,
    }
    /// Fields of `supplement`; documents are kinds.
    Supplement { dossier: String, documents: Ids, }
    /// Fields of `appraise`.
    Appraise { dossiers: Ids, opinion: Opinion, #[serde(default)] text: String, }
    /// Fields of `consult`; without `due` the law says by when.
    Consult { dossiers: Ids, agency: Agencies, due: Option<When>, }
    /// Fields of `reply`.
    Reply { dossiers: Ids, opinion: Agreement, #[serde(default)] text: String, }
    /// Fields of `correct`, `revoke` and `restore`; what is left out the service refuses.
    AfterDecision { dossiers: Ids, #[serde(default)] ground: String, #[serde(default)] number: String, }
    /// Fields of `publish`: working days.
    Publish { dossiers: Ids, days: u32, }
    /// Fields of `comment`.
    Comment { dossier: String, text: String, signed: bool, }
    /// Fields of `constitute`: who sits on a council from a day on (today if left out), and by which regulation of its own.
    Constitute {
        council: String,
        #[serde(default)] kind: String,
        #[serde(default)] document: String,
        from: Option<When>,
        chair: Option<String>,
        #[serde(default)] vice_chairs: Vec<String>,
        #[serde(default)] members: Vec<String>,
        secretary: Option<String>,
        #[serde(default)] persons: BTreeMap<String, String>,
        #[serde(default)] heads: BTreeMap<String, String>,
        #[serde(default)] standing_body: String,
        regulation: Option<OwnRegulation>,
    }
    /// What a council lays down for itself.
    OwnRegulation {
        #[serde(default)] document: String,
        quorum: Option<Share>,
        threshold: Option<Share>,
        #[serde(default)] base: String,
        #[serde(default)] ballot: String,
        #[serde(default)] no_writing: bool,
        #[serde(default)] ballots_may_change: bool,
        #[serde(default)] recused_leave_base: bool,
        #[serde(default)] heads_recused: bool,
        #[serde(default)] stand_in: String,
    }
    /// Fields of `convene`; without `members` the council that its agency has constituted meets.
    Convene { session: String, council: String, members: Option<Members>, agenda: Ids, #[serde(default)] kind: String, }
    /// Fields of `add`: further dossiers for a session.
    Add { session: String, agenda: Ids, }
    /// Fields of `invite`.
    Invite { session: String, meets: When, #[serde(default)] place: String, #[serde(default)] text: String, }
    /// Fields of `adjourn`.
    Adjourn { session: String, until: When, #[serde(default)] reason: String, }
    /// Fields of `cancel`.
    Cancel { session: String, #[serde(default)] reason: String, }
    /// Fields of `declare`: the acting member's own interest.
    Declare { session: String, dossier: String, #[serde(default)] ground: String, }
    /// Fields of `attend`.
    Attend { session: String, #[serde(default)] present: Vec<String>, #[serde(default)] writing: Vec<String>, }
    /// Fields of `recuse`.
    Recuse { session: String, member: String, dossier: String, }
    /// Fields of `close`, `minute` and `sign-minutes`.
    InSession { session: String, }
    /// Fields of `sign`.
    Sign { dossiers: Ids, letter: String, }
    /// Fields of `decide`.
    Decide { dossiers: Ids, outcome: Outcome, #[serde(default)] number: String, #[serde(default)] reason: String, }
    /// Fields of `present`.
    Present { dossiers: Ids, occasion: String, }
    /// Fields of `lower`: after a failed vote, a new session for a lower award.
    Lower { dossiers: Ids, award: String, #[serde(default)] reason: String, }
    /// Fields of `died`: the candidate's death.
    Died { dossiers: Ids, on: When, #[serde(default)] source: String, }
    /// Fields of `moved`: the candidate is at another agency.
    Moved { dossiers: Ids, to: String, on: When, #[serde(default)] source: String, }
    /// Fields of `bulk`: one act on many dossiers, each by itself, in the background.
    Bulk { job: String, act: Nested, }
    /// Fields of `record`: an award that was decided on paper.
    Record {
        id: String,
        award: String,
        holder: String,
        #[serde(default = "individual")] kind: String,
        #[serde(default)] person: String,
        #[serde(default)] agency: String,
        number: String,
        on: When,
        #[serde(default)] year: i32,
        #[serde(default)] source: String,
    }
    /// Fields of `amend-record`: what is left out the service refuses.
    AmendRecord {
        id: String,
        kind: String,
        #[serde(default)] ground: String,
        #[serde(default)] number: String,
        #[serde(default)] holder: String,
    }
    /// Fields of `suspend`.
    Suspend { dossiers: Ids, because: String, }
    /// Fields of `delegate`: from a day to a day, both counted.
    Delegate { to: Colleague, acts: Ids, from: When, to_day: When, }
    /// Fields of `assign`.
    Assign { dossiers: Ids, to: Colleague, }
    /// Fields of `subscribe`.
    Subscribe { id: String, #[serde(default)] filter: BTreeMap<String, String>, channel: Channel, }
    /// Fields of `receiver`.
    Receiver { id: String, answers: Vec<Answer>, }
    /// Fields of `vote`: the ballots of members, by choice.
    Vote {
        session: String,
        dossier: String,
        #[serde(default)] yes: Vec<String>,
        #[serde(default)] no: Vec<String>,
        #[serde(default)] blank: Vec<String>,
    }
}

fn individual() -> String {
    "individual".to_owned()
}

/// A verb inside another.
#[derive(Debug)]
pub struct Nested(pub Box<Verb>);

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Verb;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one verb with its fields, e.g. `receive: {dossiers: [A, B]}`")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Verb, M::Error> {
                let word: String = map.next_key()?.ok_or_else(|| M::Error::custom("a verb is missing"))?;
                Verb::read(&word, &mut map)
            }
        }
        let verb = deserializer.deserialize_map(One)?;
        Ok(Self(Box::new(verb)))
    }
}

impl Verb {
    /// Reads the value beside a verb's word.
    pub fn read<'de, M: MapAccess<'de>>(word: &str, map: &mut M) -> Result<Self, M::Error> {
        Ok(match word {
            "submit" => Self::Submit(map.next_value()?),
            "receive" => Self::Receive(map.next_value()?),
            "return" => Self::Return(map.next_value()?),
            "supplement" => Self::Supplement(map.next_value()?),
            "appraise" => Self::Appraise(map.next_value()?),
            "publish" => Self::Publish(map.next_value()?),
            "comment" => Self::Comment(map.next_value()?),
            "constitute" => Self::Constitute(map.next_value()?),
            "convene" => Self::Convene(map.next_value()?),
            "add" => Self::Add(map.next_value()?),
            "invite" => Self::Invite(map.next_value()?),
            "adjourn" => Self::Adjourn(map.next_value()?),
            "cancel" => Self::Cancel(map.next_value()?),
            "declare" => Self::Declare(map.next_value()?),
            "sign-minutes" => Self::SignMinutes(map.next_value()?),
            "attend" => Self::Attend(map.next_value()?),
            "recuse" => Self::Recuse(map.next_value()?),
            "vote" => Self::Vote(map.next_value()?),
            "close" => Self::Close(map.next_value()?),
            "minute" => Self::Minute(map.next_value()?),
            "sign" => Self::Sign(map.next_value()?),
            "decide" => Self::Decide(map.next_value()?),
            "present" => Self::Present(map.next_value()?),
            "died" => Self::Died(map.next_value()?),
            "moved" => Self::Moved(map.next_value()?),
            "bulk" => Self::Bulk(map.next_value()?),
            "record" => Self::Record(map.next_value()?),
            "amend-record" => Self::AmendRecord(map.next_value()?),
            "lower" => Self::Lower(map.next_value()?),
            "suspend" => Self::Suspend(map.next_value()?),
            "resume" => Self::Resume(map.next_value()?),
            "withdraw" => Self::Withdraw(map.next_value()?),
            "recall" => Self::Recall(map.next_value()?),
            "subscribe" => Self::Subscribe(map.next_value()?),
            "receiver" => Self::Receiver(map.next_value()?),
            "advance" => Self::Advance(map.next_value()?),
            "restart" => Self::Restart(map.next_value()?),
            "bus" => Self::Bus(map.next_value()?),
            "check" => Self::Check(map.next_value()?),
            "expect" => Self::Expect(map.next_value()?),
            "consult" => Self::Consult(map.next_value()?),
            "reply" => Self::Reply(map.next_value()?),
            "correct" => Self::Correct(map.next_value()?),
            "revoke" => Self::Revoke(map.next_value()?),
            "restore" => Self::Restore(map.next_value()?),
            "reissue" => Self::Reissue(map.next_value()?),
            "delegate" => Self::Delegate(map.next_value()?),
            "assign" => Self::Assign(map.next_value()?),
            _ => return Err(M::Error::custom(format!("`{word}` is no verb of a scenario"))),
        })
    }

    /// The verb's word in the file.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Receive(_) => "receive",
            Self::Return(_) => "return",
            Self::Supplement(_) => "supplement",
            Self::Appraise(_) => "appraise",
            Self::Consult(_) => "consult",
            Self::Reply(_) => "reply",
            Self::Publish(_) => "publish",
            Self::Comment(_) => "comment",
            Self::Constitute(_) => "constitute",
            Self::Convene(_) => "convene",
            Self::Add(_) => "add",
            Self::Invite(_) => "invite",
            Self::Adjourn(_) => "adjourn",
            Self::Cancel(_) => "cancel",
            Self::Declare(_) => "declare",
            Self::SignMinutes(_) => "sign-minutes",
            Self::Attend(_) => "attend",
            Self::Recuse(_) => "recuse",
            Self::Vote(_) => "vote",
            Self::Close(_) => "close",
            Self::Minute(_) => "minute",
            Self::Sign(_) => "sign",
            Self::Decide(_) => "decide",
            Self::Present(_) => "present",
            Self::Lower(_) => "lower",
            Self::Died(_) => "died",
            Self::Moved(_) => "moved",
            Self::Bulk(_) => "bulk",
            Self::Record(_) => "record",
            Self::AmendRecord(_) => "amend-record",
            Self::Suspend(_) => "suspend",
            Self::Resume(_) => "resume",
            Self::Withdraw(_) => "withdraw",
            Self::Recall(_) => "recall",
            Self::Correct(_) => "correct",
            Self::Revoke(_) => "revoke",
            Self::Restore(_) => "restore",
            Self::Reissue(_) => "reissue",
            Self::Delegate(_) => "delegate",
            Self::Assign(_) => "assign",
            Self::Subscribe(_) => "subscribe",
            Self::Receiver(_) => "receiver",
            Self::Advance(_) => "advance",
            Self::Restart(_) => "restart",
            Self::Bus(_) => "bus",
            Self::Check(_) => "check",
            Self::Expect(_) => "expect",
        }
    }

    /// Whether a step must say who acts. Members vote for themselves; the rest is the runner's own work.
    pub fn needs_actor(&self) -> bool {
        !matches!(
            self,
            Self::Vote(_)
                | Self::Advance(_)
                | Self::Restart(_)
                | Self::Bus(_)
                | Self::Expect(_)
                | Self::Check(_)
                | Self::Receiver(_)
        )
    }

    /// Whether a service is asked, so that it may say no.
    pub fn can_be_refused(&self) -> bool {
        !matches!(self, Self::Expect(_) | Self::Receiver(_) | Self::Restart(_))
    }

    /// Paths of the dossier files that it names, as written.
    pub fn dossier_files(&self) -> Vec<&str> {
        match self {
            Self::Submit(submit) => submit
                .items()
                .iter()
                .filter_map(|item| item.dossier.as_deref())
                .collect(),
            Self::Check(check) => vec![&check.0],
            _ => Vec::new(),
        }
    }
}
