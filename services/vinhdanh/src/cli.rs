//! What can be typed, and where it goes.
//!
//! What needs no server is dispatched before any runtime is started, so that `dossier check` costs what judging costs.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    Group, Verb, admin::AdminVerb, council::CouncilVerb, directory::DirectoryVerb, dossier::DossierVerb,
    import::ImportArgs, law::LawArgs, register::RegisterVerb, subscription::SubscriptionVerb, task::TaskVerb,
    token::TokenArgs,
};
use crate::{
    bench::{BenchArgs, limit},
    demo::DemoArgs,
    output::{Output, report},
    rehearse::RehearseArgs,
    start::{ServeArgs, StartArgs},
};

const EXIT_STATUS: &str = "\
Mã kết thúc / exit status:
  0  xong / done
  1  bị từ chối, hoặc không đúng như phải có / refused, or not as it should be
  2  gõ sai hoặc dữ liệu sai / bad usage or input
  3  không gọi được dịch vụ / the service cannot be reached

Kết quả ra stdout, phần còn lại ra stderr; với --json thì lỗi cũng ra stdout: {\"error\": {code, reason, vi, en, fields}}.
Results go to stdout, the rest to stderr; with --json a failure goes to stdout too.";

/// Vinh danh: hồ sơ khen thưởng, từ đơn vị đề nghị đến cấp quyết định. Award dossiers, from the unit that proposes to
/// the authority that decides.
#[derive(Debug, Parser)]
#[command(name = "vinhdanh", version, after_help = EXIT_STATUS, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Chạy thử toàn bộ: hồ sơ thật từ đơn vị đến Chủ tịch nước. The main job: real dossiers from unit to President.
    #[command(after_help = EXIT_STATUS)]
    Demo(DemoArgs),
    /// Chạy mọi dịch vụ. All services in one process.
    #[command(after_help = EXIT_STATUS)]
    Start(StartArgs),
    /// Chạy một số dịch vụ. Some services, for a deployment.
    #[command(after_help = EXIT_STATUS)]
    Serve(ServeArgs),
    /// Diễn tập: chạy các tình huống viết sẵn. Play cases that are written down.
    #[command(after_help = EXIT_STATUS)]
    Rehearse(RehearseArgs),
    /// Đo tốc độ. What this machine gives.
    #[command(after_help = EXIT_STATUS)]
    Bench(BenchArgs),
    /// Hồ sơ: kiểm tra, trình, xem, bổ sung, rút. Dossiers: check, submit, show, supplement, withdraw.
    #[command(after_help = EXIT_STATUS)]
    Dossier(Group<DossierVerb>),
    /// Nhập danh sách đề nghị (XLSX, CSV): chạy thử trước. Import a list of nominees; a dry run first.
    #[command(after_help = EXIT_STATUS)]
    Import(ImportArgs),
    /// Việc đang chờ và việc phải làm: tiếp nhận, thẩm định, ký, quyết định. Tasks, and the acts that do them.
    #[command(after_help = EXIT_STATUS)]
    Task(Group<TaskVerb>),
    /// Hội đồng: triệu tập, điểm danh, bỏ phiếu, biên bản. Councils: convene, attend, vote, minute.
    #[command(after_help = EXIT_STATUS)]
    Council(Group<CouncilVerb>),
    /// Sổ khen thưởng: tra cứu, ghi sổ khen thưởng cũ. The register of awards: look up, enter paper awards.
    #[command(after_help = EXIT_STATUS)]
    Register(Group<RegisterVerb>),
    /// Luật nói gì; không cần máy chủ. What the law says; needs no server.
    #[command(after_help = EXIT_STATUS)]
    Law(LawArgs),
    /// Đăng ký nhận tin và các lần gửi. Subscriptions and their deliveries.
    #[command(after_help = EXIT_STATUS)]
    Subscription(Group<SubscriptionVerb>),
    /// Danh bạ cơ quan, đơn vị. The directory of agencies.
    #[command(after_help = EXIT_STATUS)]
    Directory(Group<DirectoryVerb>),
    /// Vận hành, kiểm tra: chuỗi băm, chạy lại, tiến độ, thư chết. For operators and auditors.
    #[command(after_help = EXIT_STATUS)]
    Admin(Group<AdminVerb>),
    /// Tiến trình trả lời của `bench --limit`. The process that answers `bench --limit`.
    #[command(name = limit::echo::COMMAND, hide = true)]
    BenchEcho,
    /// In ra một mã truy cập ngắn hạn của hệ thống chạy tại chỗ. Print a token of the local system.
    #[command(after_help = EXIT_STATUS)]
    Token(TokenArgs),
}

/// Reads the arguments, does what they say, and gives the exit status.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Demo(args) => local(false, |_| args.run()),
        Command::Start(args) => local(false, |_| args.run()),
        Command::Serve(args) => local(false, |_| args.run()),
        Command::Bench(args) => local(false, |_| args.run()),
        Command::BenchEcho => local(false, |_| limit::echo::serve()),
        Command::Rehearse(args) => local(false, |_| {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(crate::rehearse::run(args))
        }),
        Command::Dossier(Group {
            connect,
            verb: DossierVerb::Check(args),
        }) => local(connect.json, |out| args.run(out)),
        Command::Import(args) => local(args.connect.json, |out| args.run(out)),
        Command::Law(args) => local(args.json, |out| args.run(out)),
        Command::Token(args) => local(args.json, |out| args.run(out)),
        Command::Dossier(group) => online(group),
        Command::Task(group) => online(group),
        Command::Council(group) => online(group),
        Command::Register(group) => online(group),
        Command::Subscription(group) => online(group),
        Command::Directory(group) => online(group),
        Command::Admin(Group { connect, verb }) => match verb.offline() {
            Ok(work) => local(connect.json, |output| work(&connect.data, output)),
            Err(verb) => online(Group { connect, verb }),
        },
    }
}

fn local(json: bool, act: impl FnOnce(Output) -> anyhow::Result<u8>) -> ExitCode {
    let output = Output { json };
    ended(act(output), output)
}

/// One thread is enough for a client: it waits.
fn online<V: Verb>(group: Group<V>) -> ExitCode {
    let output = Output {
        json: group.connect.json,
    };
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                let desk = group.connect.open()?;
                group.verb.run(&desk).await
            })
        });
    ended(done, output)
}

fn ended(done: anyhow::Result<u8>, output: Output) -> ExitCode {
    ExitCode::from(done.unwrap_or_else(|error| report(&error, output)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_person_can_type_every_verb_of_a_rehearsal() {
        for line in [
            "dossier check a.json b.json --on 2025-09-15 --json",
            "dossier submit a.json b.json --letter 1/TTr --as clerk@x",
            "dossier supplement D --document bao-cao-thanh-tich=2/BC:report.pdf",
            "dossier withdraw D E --reason r",
            "dossier recall D",
            "dossier watch D --until awarded",
            "task list --for officer@x --limit 3",
            "task consult D E --agency bo-noi-vu --agency bo-y-te --due 2025-09-30 --as officer@x",
            "task reply D --disagree --text x",
            "task correct D --ground x --number 2/QĐ --preview",
            "task revoke D --ground false-papers --number 3/QĐ",
            "task died D --on 2025-09-30 --source x",
            "task restore D --ground x --number 4/QĐ",
            "register list --person 0123 --json",
            "register list --number 812/QĐ-UBND --date 2023-05-04",
            "register add --award bang-khen-tinh --holder N.V.A. --number 1/QĐ --date 2009-05-04 --source x",
            "task list --mine",
            "task list --unassigned --json",
            "task assign D E --to an=officer@x --as leader@x",
            "task claim D",
            "task release D",
            "directory delegation add --to pho=officer@x --acts sign,decide --from 2025-09-15 --to-day 2025-09-19",
            "directory delegation end M",
            "directory delegation list --on 2025-09-16",
            "task receive D E",
            "task return D --reason r --due 2025-10-01",
            "task appraise D --does-not-meet --text t",
            "task publish D --days 10",
            "task comment D --text t --signed",
            "task sign D E --letter 1/TTr",
            "task decide D --award --number 1/QD",
            "task decide D --refuse --reason r",
            "task suspend D --because complaint",
            "task resume D",
            "task present D --occasion o",
            "council convene --council x --members 9 --agenda D,E",
            "council attend S --council x --present m1,m2 --writing m3",
            "council recuse S --council x --member m1 --dossier D",
            "council vote S --dossier D --blank --as m1=member@x",
            "council close S",
            "council minute S",
            "subscription create --filter fact=dossier.awarded --channel webhook --endpoint http://127.0.0.1:1/h",
            "subscription stream S --ack",
            "directory close A --to 2025-07-01 --successor B",
            "admin verify intake approval",
            "admin replay --all",
            "admin migrate --machine approval.course --to 2 --dry-run",
            "admin migrate --machine approval.course --to 2 --only a,b --reason r --partial",
            "admin replay intake --offline --database postgres://h/d",
            "bench --limit --growth 100000 --json",
            "bench --views",
            "bench --nation 1/1000 --json",
            "bench --propagation",
            "bench --session 1049",
            "admin resolve E --service intake --skip --reason r",
            "admin backup --data d --to b",
            "admin restore approval --from b --data d --aside --reason r",
            "admin epoch status --json",
            "admin epoch advance approval --database postgres://h/d --reason r",
            "admin epoch differences intake --all --limit 3",
            "admin epoch resolve approval.course/D --service intake --accept --reason r",
            "law awards --on 2025-09-15",
            "law simulate --rules d --rule-set law-2027 past/ more.jsonl - --report r.jsonl --json",
            "law export d",
            "law template lao-dong-tien-tien --out form.xlsx",
            "import a.xlsx b.csv --report r.xlsx --json",
            "import a.xlsx --submit --only-good --letter 1/TTr --letter-date 2025-09-15 --as clerk@x",
            "token --as m1=member@x --ttl 30m",
            "--version",
        ] {
            let words = std::iter::once("vinhdanh").chain(line.split(' '));
            if let Err(error) = Cli::try_parse_from(words) {
                assert!(!error.use_stderr(), "{line}: {error}");
            }
        }
    }

    #[test]
    fn an_act_needs_its_choice() {
        for line in [
            "task appraise D",
            "task appraise D --meets --does-not-meet",
            "task decide D --number 1",
            "task decide D --award",
            "task decide D --refuse",
            "council vote S --dossier D",
            "council vote S --dossier D --yes --no",
            "subscription create --channel webhook",
            "admin resolve E --service intake --reason r",
            "admin verify nowhere",
            "admin migrate --machine approval.course --to 2",
            "admin epoch resolve A --service intake --reason r",
            "admin epoch advance approval",
            "task list --as boss@x",
            "task return D --reason r --due tomorrow",
        ] {
            let words = std::iter::once("vinhdanh").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
