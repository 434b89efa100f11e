//! The page of one award: who decides, what it asks, with which papers, by which council, in which time, for what money.

use std::fmt::Write as _;

use crate::{AwardKind, Ballot, Bonus, CandidateKind, Coefficient, CouncilRule, DayUnit, Level, LimitStep, RuleSet};

use super::{
    Lang, codes, criteria,
    criteria::given,
    page::{Book, Said, by_set, dong, grouped, table},
    tables::{BaseSalary, PaperItem},
    terms,
};

pub(super) fn page(book: Book<'_>, code: &str) -> String {
    let Some(award) = book.newest(code) else {
        return String::new();
    };
    let (kind_vi, kind_en) = terms::kind(award.kind);
    let (to_vi, to_en) = terms::recipient(award.recipient);
    let (name, other) = match book.lang {
        Lang::Vi => (&award.name_vi, &award.name_en),
        Lang::En => (&award.name_en, &award.name_vi),
    };
    let mut text = format!(
        "# {name}\n\n{other} · `{code}` · {} · {}{}\n\n",
        book.pick(kind_vi, kind_en),
        book.pick(to_vi, to_en),
        book.mark(award.confirmed)
    );
    if !award.summary_vi.is_empty() {
        let said = book.pick("", "*In Vietnamese:* ");
        let _ = writeln!(text, "> {said}{}\n", award.summary_vi);
    }
    if let Some((vi, en)) = codes::frequency(&award.frequency) {
        let _ = writeln!(text, "{}: {}.\n", book.pick("Xét tặng", "Given"), book.pick(vi, en));
    }
    if let Some(earlier) = &award.renamed_from {
        let _ = writeln!(
            text,
            "{}: {}.\n",
            book.pick("Tên trước đây", "Its earlier name"),
            book.award_link(earlier, "")
        );
    }
    let sections = [
        authority(book, code),
        criteria::section(book, code),
        papers(book, code),
        council(book, code),
        limits(book, code),
        bonus(book, code),
    ];
    text.push_str(&sections.join(""));
    let back = book.pick("Tất cả danh hiệu, hình thức", "All awards");
    let _ = writeln!(text, "[← {back}](../README.md)");
    text
}

fn heading(book: Book<'_>, vi: &str, en: &str) -> String {
    format!("## {}\n\n", book.pick(vi, en))
}

fn authority(book: Book<'_>, code: &str) -> String {
    let row = |set: &RuleSet| -> Option<Vec<String>> {
        let Some(award) = book.law.award_in(code, &set.id) else {
            let none = book.pick("chưa có", "not yet").to_owned();
            return Some(vec![none, "—".to_owned(), "—".to_owned()]);
        };
        if let Some(ended) = &award.ended {
            let instead = ended.successor.as_deref().map_or_else(String::new, |code| {
                format!("; {} {}", book.pick("thay bằng", "instead:"), book.award_link(code, ""))
            });
            let no_longer = book.pick("không còn", "no longer given");
            let article = book.source_cell(Some(&ended.article), ended.confirmed);
            return Some(vec![format!("{no_longer}{instead}"), article, "—".to_owned()]);
        }
        let (vi, en) = terms::decider(award.decider);
        let named = book
            .law
            .layer(&set.id)
            .authority
            .iter()
            .any(|entry| entry.award == code);
        let borrowed = if set.borrowed && !named {
            book.pick(" (mượn)", " (borrowed)")
        } else {
            ""
        };
        Some(vec![
            format!(
                "{}{borrowed}{}",
                book.pick(vi, en),
                book.mark(award.authority_confirmed)
            ),
            book.source_cell(award.authority_article.as_deref(), true),
            book.source_cell(award.article.as_deref(), true),
        ])
    };
    let head = match book.lang {
        Lang::Vi => [
            "Bộ quy định",
            "Ai quyết định",
            "Điều về thẩm quyền",
            "Điều của Luật về danh hiệu, hình thức",
        ],
        Lang::En => [
            "Rule set",
            "Who decides",
            "Article on the authority",
            "Article of the law on the award",
        ],
    };
    format!(
        "{}{}\n",
        heading(book, "Thẩm quyền", "Authority"),
        rows_by_set(book, &head, row)
    )
}

/// A table with a row for the rule sets that say the same.
fn rows_by_set(book: Book<'_>, head: &[&str], row: impl Fn(&RuleSet) -> Option<Vec<String>>) -> String {
    let rows = grouped(book.sets(), row).into_iter().map(|(sets, mut cells)| {
        cells.insert(0, book.sets_named(&sets));
        cells
    });
    table(head, &rows.collect::<Vec<_>>())
}

fn papers(book: Book<'_>, code: &str) -> String {
    let word = |words: Option<(&'static str, &'static str)>, code: &str| {
        words.map_or_else(|| code.to_owned(), |(vi, en)| book.pick(vi, en).to_owned())
    };
    let listed = |set: &RuleSet| -> Option<Said> {
        given(book, code, set)?;
        let (list, borrowed) = book.law.entry(&book.tables.papers.dossier, &set.id, code)?;
        let row = |item: &PaperItem| {
            let when = item.when.as_deref();
            let when = when.map_or_else(|| "—".to_owned(), |code| word(codes::when(code), code));
            let kind = book.tables.papers.document.iter().find(|kind| kind.code == item.kind);
            let due = kind.map_or_else(String::new, |kind| word(codes::due(&kind.due), &kind.due));
            let cell = match item.article.as_deref().or(list.article.as_deref()) {
                _ if borrowed => book.pick("mượn", "borrowed").to_owned(),
                None => format!("{}{}", book.pick("có", "yes"), book.mark(item.confirmed)),
                article => book.source_cell(article, item.confirmed),
            };
            (
                vec![format!("{} (`{}`)", book.paper(&item.kind), item.kind), when, due],
                cell,
            )
        };
        Some(list.items.iter().map(row).collect())
    };
    let heads = match book.lang {
        Lang::Vi => ["Giấy tờ", "Chỉ khi", "Bước lập ra"],
        Lang::En => ["Paper", "Only", "Made"],
    };
    let mut table = by_set(book, &heads, listed);
    if table.is_empty() {
        let default = book.pick(
            "Dữ liệu không ghi danh mục: tờ trình và báo cáo thành tích *(chưa xác nhận)*.\n",
            "The data lists none: the letter and the achievement report *(unconfirmed)*.\n",
        );
        default.clone_into(&mut table);
    }
    format!("{}{table}\n", heading(book, "Hồ sơ", "Papers"))
}

fn threshold(book: Book<'_>, rule: &CouncilRule) -> String {
    let of = book.pick("tổng số thành viên", "all members");
    if rule.threshold_percent > 0 {
        format!("{} {}% {of}", book.pick("từ", "at least"), rule.threshold_percent)
    } else {
        let default = book.pick("mặc định", "a default");
        format!("{} {of} ({default})", book.pick("quá nửa", "more than half of"))
    }
}

fn council(book: Book<'_>, code: &str) -> String {
    let row = |set: &RuleSet| -> Option<Vec<String>> {
        let award = given(book, code, set)?;
        let rule = book.law.council_rule("", award, &set.id);
        let state = book.law.entry(&book.tables.state_councils.state_council, &set.id, code);
        let state = state.map_or_else(
            || "—".to_owned(),
            |(state, borrowed)| {
                let [num, den] = state.quorum;
                let article = state.article.as_deref().filter(|_| !borrowed);
                let at_least = book.pick("có mặt từ", "present, at least");
                format!(
                    "{at_least} {num}/{den}{}",
                    book.source(article, state.confirmed && !borrowed)
                )
            },
        );
        let publication = book.law.publication_rule(award, &set.id).map_or_else(
            || "—".to_owned(),
            |rule| {
                let days = book.pick("ngày làm việc", "working days");
                format!(
                    "{} {days}{}",
                    rule.days,
                    book.source(rule.article.as_deref(), rule.confirmed)
                )
            },
        );
        let ballot = match rule.ballot {
            Ballot::Secret => book.pick("phiếu kín", "secret"),
            Ballot::Open => book.pick("biểu quyết", "open"),
        };
        Some(vec![
            format!(
                "{}{}",
                threshold(book, &rule),
                book.source(rule.article.as_deref(), rule.confirmed)
            ),
            format!("{}/{}", rule.quorum.num, rule.quorum.den),
            ballot.to_owned(),
            state,
            publication,
        ])
    };
    let head = match book.lang {
        Lang::Vi => [
            "Bộ quy định",
            "Đạt khi có",
            "Số tham gia ít nhất",
            "Cách bỏ phiếu",
            "Hội đồng cấp Nhà nước",
            "Công khai lấy ý kiến",
        ],
        Lang::En => [
            "Rule set",
            "Passed by",
            "Quorum",
            "Ballot",
            "State-level council",
            "Publication for comment",
        ],
    };
    let titles = book
        .newest(code)
        .is_some_and(|award| matches!(award.kind, AwardKind::EmulationTitle | AwardKind::StateHonour));
    let meets = match (titles, book.lang) {
        (true, Lang::Vi) => "Hội đồng họp ở mọi cấp mà hồ sơ đi qua.",
        (true, Lang::En) => "A council meets at every level that the dossier passes.",
        (false, Lang::Vi) => "Hội đồng họp ở cấp sở, ngành và cấp bộ, tỉnh.",
        (false, Lang::En) => "A council meets at the department and at the ministry or province.",
    };
    let heading = heading(book, "Hội đồng và công khai", "Council and publication");
    let simplified = book.pick(
        "Thủ tục đơn giản thì không qua Hội đồng và không công khai.",
        "The simplified procedure has neither council nor publication.",
    );
    format!("{heading}{meets} {simplified}\n\n{}\n", rows_by_set(book, &head, row))
}

fn limits(book: Book<'_>, code: &str) -> String {
    const STEPS: [LimitStep; 3] = [
        LimitStep::Appraisal,
        LimitStep::AfterConsultation,
        LimitStep::Publication,
    ];
    let of = |set: &RuleSet| -> Option<Said> {
        let award = given(book, code, set)?;
        let districts = set.local_levels.iter().any(|local| local == "huyen");
        let reached = |level: &Level| *level <= terms::top(award.decider) && (districts || *level != Level::District);
        let mut said = Said::new();
        for level in Level::ALL.into_iter().filter(reached) {
            let published = book.law.publication_rule(award, &set.id).is_some();
            for step in STEPS
                .into_iter()
                .filter(|step| published || *step != LimitStep::Publication)
            {
                let Some(limit) = book.law.time_limit(&set.id, code, level, step) else {
                    continue;
                };
                let ((level_vi, level_en), (step_vi, step_en)) = (terms::level(level), short(step));
                let label = [book.pick(level_vi, level_en), book.pick(step_vi, step_en)].map(str::to_owned);
                let source = book.source(limit.article.as_deref(), limit.confirmed);
                said.push((
                    label.to_vec(),
                    format!("{}{source}", days(book, limit.days, limit.unit)),
                ));
            }
        }
        Some(said)
    };
    let heads = [book.pick("Cấp", "Level"), book.pick("Việc", "Step")];
    let more = book.pick("Các thời hạn chung", "Limits for all awards");
    format!(
        "{}{}\n[{more}](../time-limits.md)\n\n",
        heading(book, "Thời hạn", "Time limits"),
        by_set(book, &heads, of)
    )
}

/// What the page of time limits says at length.
const fn short(step: LimitStep) -> (&'static str, &'static str) {
    match step {
        LimitStep::Appraisal => ("thẩm định", "appraisal"),
        LimitStep::AfterConsultation => ("trình, sau hiệp y", "submission, after consultation"),
        other => terms::step(other),
    }
}

pub(super) fn days(book: Book<'_>, days: u32, unit: DayUnit) -> String {
    let (vi, en) = terms::unit(unit);
    format!("{days} {}", book.pick(vi, en))
}

const CANDIDATES: [CandidateKind; 3] = [
    CandidateKind::Individual,
    CandidateKind::Collective,
    CandidateKind::Household,
];

fn bonus(book: Book<'_>, code: &str) -> String {
    let day = |set: &RuleSet| {
        let salaries = book.tables.money.base_salary.iter();
        salaries.map(|salary| salary.from.max(set.in_force_from)).min()
    };
    let said = |set: &RuleSet| -> Option<Said> {
        let award = given(book, code, set)?;
        let day = day(set)?;
        let mut said = Said::new();
        for candidate in CANDIDATES.into_iter().filter(|kind| award.takes(*kind)) {
            let Some(bonus) = book.law.bonus(code, candidate, &set.id, day) else {
                continue;
            };
            let (vi, en) = terms::candidate(candidate);
            let most = if bonus.at_most {
                book.pick("tối đa ", "at most ")
            } else {
                ""
            };
            let source = book.source(bonus.article.as_deref(), bonus.confirmed);
            let cell = format!("{most}{}{source}", number(book, bonus.coefficient));
            said.push((vec![book.pick(vi, en).to_owned()], cell));
        }
        Some(said)
    };
    let coefficients = by_set(book, &[book.pick("Hệ số cho", "Coefficient for a")], said);
    let heading = heading(book, "Tiền thưởng", "Bonus");
    if coefficients.is_empty() {
        let nothing = book.pick("Dữ liệu không có mức tiền thưởng.", "The data has no bonus.");
        return format!("{heading}{nothing}\n\n");
    }
    let times = book.pick(
        "Hệ số × lương cơ sở ngày quyết định, làm tròn lên 10.000 đồng.",
        "Coefficient × base salary on the day of the decision, rounded up to 10,000 dong.",
    );
    format!("{heading}{times}\n\n{coefficients}\n{}\n", sums(book, code))
}

fn number(book: Book<'_>, coefficient: Coefficient) -> String {
    let text = coefficient.to_string();
    match book.lang {
        Lang::Vi => text.replace('.', ","),
        Lang::En => text,
    }
}

/// Each coefficient of the award at each base salary.
fn sums(book: Book<'_>, code: &str) -> String {
    let salaries = &book.tables.money.base_salary;
    let mut rows: Vec<(Coefficient, Vec<String>)> = Vec::new();
    for (set, candidate) in book.sets().flat_map(|set| CANDIDATES.map(|candidate| (set, candidate))) {
        if given(book, code, set).is_none_or(|award| !award.takes(candidate)) {
            continue;
        }
        let at = |salary: &BaseSalary| book.law.bonus(code, candidate, &set.id, salary.from);
        let bonuses: Option<Vec<Bonus>> = salaries.iter().map(at).collect();
        let Some(bonuses) = bonuses else { continue };
        if let Some(first) = bonuses.first()
            && rows.iter().all(|(coefficient, _)| *coefficient != first.coefficient)
        {
            let cells = bonuses.iter().map(|bonus| dong(book.lang, bonus.vnd));
            let cells = std::iter::once(number(book, first.coefficient)).chain(cells).collect();
            rows.push((first.coefficient, cells));
        }
    }
    rows.sort_by_key(|(coefficient, _)| *coefficient);
    let mut heads = vec![book.pick("Số tiền (đồng), hệ số", "Sum (dong), coefficient").to_owned()];
    let from = book.pick("từ", "from");
    heads.extend(
        salaries
            .iter()
            .map(|salary| format!("{} ({from} {})", dong(book.lang, salary.vnd), salary.from)),
    );
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    table(&heads, &rows.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>())
}
