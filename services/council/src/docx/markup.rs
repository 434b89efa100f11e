//! WordprocessingML, as little of it as minutes need. Every text passes through [`escape`].

use std::fmt::Write as _;

/// A row of a table: one text a column.
pub(crate) type TableRow = Vec<String>;

/// How a paragraph stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Both,
}

impl Align {
    const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Centre => "center",
            Self::Both => "both",
        }
    }
}

pub(crate) const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"#;

pub(crate) const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

pub(crate) const DOCUMENT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;

/// Times New Roman 14, as the decree asks for; sizes are half points.
pub(crate) const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="28"/><w:szCs w:val="28"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before="60" w:after="60"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>"#;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;

/// A4; margins of 20 mm above, below and right, 30 mm left.
const FOOT: &str = r#"<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>"#;

/// Width of the text, in twentieths of a point.
const WIDTH: u32 = 9_071;

/// Text as XML takes it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // XML 1.0 has no way to write the other control characters.
            control if control.is_control() && !matches!(control, '\t' | '\n') => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Half points, and the marks of a run.
#[derive(Clone, Copy, Default)]
struct Run {
    size: u32,
    bold: bool,
    italic: bool,
    underline: bool,
}

fn run(text: &str, how: Run) -> String {
    let mark = |is: bool, tag: &'static str| if is { tag } else { "" };
    let size = match how.size {
        0 => String::new(),
        size => format!(r#"<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>"#),
    };
    format!(
        r#"<w:r><w:rPr>{}{}{size}{}</w:rPr><w:t xml:space="preserve">{}</w:t></w:r>"#,
        mark(how.bold, "<w:b/>"),
        mark(how.italic, "<w:i/>"),
        mark(how.underline, r#"<w:u w:val="single"/>"#),
        escape(text)
    )
}

fn paragraph(text: &str, align: Align, indent: bool, how: Run) -> String {
    let indent = if indent { r#"<w:ind w:firstLine="567"/>"# } else { "" };
    format!(
        r#"<w:p><w:pPr>{indent}<w:jc w:val="{}"/></w:pPr>{}</w:p>"#,
        align.word(),
        run(text, how)
    )
}

fn cell(width: u32, content: &str) -> String {
    format!(r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{content}</w:tc>"#)
}

fn grid(widths: &[u32]) -> String {
    let columns = widths.iter().map(|width| format!(r#"<w:gridCol w:w="{width}"/>"#));
    format!("<w:tblGrid>{}</w:tblGrid>", columns.collect::<String>())
}

/// A document as it is written.
#[derive(Default)]
pub(crate) struct Document {
    body: String,
}

const BOLD: Run = Run {
    size: 0,
    bold: true,
    italic: false,
    underline: false,
};

impl Document {
    /// Issuer and number on the left; the name of the State, its motto, place and date on the right.
    pub(crate) fn letterhead(&mut self, issuers: &[&str], number: &str, place_and_date: &str) {
        let small = Run {
            size: 26,
            ..Run::default()
        };
        let last = issuers.len().saturating_sub(1);
        let mut left: String = issuers
            .iter()
            .enumerate()
            .map(|(at, issuer)| {
                let how = Run {
                    bold: at == last,
                    ..small
                };
                paragraph(issuer, Align::Centre, false, how)
            })
            .collect();
        left += &paragraph(number, Align::Centre, false, small);
        let right = [
            paragraph(
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                Align::Centre,
                false,
                Run { bold: true, ..small },
            ),
            paragraph(
                "Độc lập - Tự do - Hạnh phúc",
                Align::Centre,
                false,
                Run {
                    underline: true,
                    ..BOLD
                },
            ),
            paragraph(
                place_and_date,
                Align::Centre,
                false,
                Run {
                    italic: true,
                    ..Run::default()
                },
            ),
        ]
        .concat();
        self.two_columns([4_000, WIDTH - 4_000], [&left, &right]);
    }

    fn two_columns(&mut self, widths: [u32; 2], cells: [&str; 2]) {
        let cells: String = widths
            .iter()
            .zip(cells)
            .map(|(width, content)| cell(*width, content))
            .collect();
        let _ = write!(
            self.body,
            r#"<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>{}<w:tr>{cells}</w:tr></w:tbl>"#,
            grid(&widths)
        );
    }

    fn push(&mut self, text: &str, align: Align, indent: bool, how: Run) {
        self.body += &paragraph(text, align, indent, how);
    }

    /// The document's kind.
    pub(crate) fn heading(&mut self, text: &str) {
        self.push("", Align::Centre, false, Run::default());
        self.push(text, Align::Centre, false, BOLD);
    }

    /// What it is about.
    pub(crate) fn centred(&mut self, text: &str) {
        self.push(text, Align::Centre, false, BOLD);
    }

    /// The heading of a section.
    pub(crate) fn section(&mut self, text: &str) {
        self.push(text, Align::Both, true, BOLD);
    }

    /// A label before a list.
    pub(crate) fn strong(&mut self, text: &str) {
        self.push(text, Align::Both, true, BOLD);
    }

    /// A paragraph of the text.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.push(text, Align::Both, true, Run::default());
    }

    /// A table with borders; shares are of a hundred of its width. Its first row is repeated on every page.
    pub(crate) fn table(&mut self, titles: &[String], shares: &[u32], rows: impl Iterator<Item = TableRow>) {
        let widths: Vec<u32> = shares.iter().map(|share| WIDTH * share / 100).collect();
        let border = |side| format!(r#"<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>"#);
        let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"]
            .map(border)
            .concat();
        let _ = write!(
            self.body,
            r#"<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>{}"#,
            grid(&widths)
        );
        self.row(
            titles,
            &widths,
            "<w:trPr><w:tblHeader/></w:trPr>",
            Run { size: 22, ..BOLD },
        );
        for row in rows {
            self.row(
                &row,
                &widths,
                "",
                Run {
                    size: 22,
                    ..Run::default()
                },
            );
        }
        self.body += "</w:tbl>";
        self.push("", Align::Left, false, Run::default());
    }

    fn row(&mut self, texts: &[String], widths: &[u32], properties: &str, how: Run) {
        let cells = texts.iter().zip(widths).enumerate().map(|(column, (text, width))| {
            let align = super::align(column);
            cell(*width, &paragraph(text, align, false, how))
        });
        let _ = write!(self.body, "<w:tr>{properties}{}</w:tr>", cells.collect::<String>());
    }

    /// Two signatures side by side: function, whether signed, name.
    pub(crate) fn signatures(&mut self, both: [[String; 3]; 2]) {
        let column = |[function, signed, name]: [String; 3]| {
            let italic = Run {
                italic: true,
                ..Run::default()
            };
            [
                paragraph(&function, Align::Centre, false, BOLD),
                paragraph(&signed, Align::Centre, false, italic),
                paragraph("", Align::Centre, false, Run::default()),
                paragraph(&name, Align::Centre, false, BOLD),
            ]
            .concat()
        };
        let [left, right] = both.map(column);
        self.two_columns([WIDTH / 2, WIDTH - WIDTH / 2], [&left, &right]);
    }

    /// The whole part.
    pub(crate) fn finish(self) -> String {
        [HEAD, &self.body, FOOT].concat()
    }
}
