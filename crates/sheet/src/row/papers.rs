//! What goes with the dossier: the answers of the submitting agency and the papers.

use law::{Declared, Document, Letter};

use super::Making;
use crate::{columns::Column, items, values};

impl Making<'_> {
    /// What the submitting agency answers to the criteria that only people can judge.
    pub(super) fn declared(&mut self) -> Vec<Declared> {
        let asked = |column: &Column| match column {
            Column::Declared(criterion) => Some(criterion.clone()),
            _ => None,
        };
        let answers = self.each(None, asked, |criterion, cell| {
            let text = values::text(cell)?;
            if values::is_none(&text) {
                return Ok(None);
            }
            let text = if values::is_mark(&text) {
                "Đạt, theo danh sách của đơn vị trình.".to_owned()
            } else {
                text
            };
            Ok(Some(Declared { criterion, text }))
        });
        answers.into_iter().flatten().collect()
    }

    pub(super) fn documents(&mut self, letter: Option<&Letter>) -> Vec<Document> {
        let names = self.names;
        let mut documents = self.many(&Column::Papers, "documents", |text| items::papers(text, names));
        let paper = |column: &Column| match column {
            Column::Paper(kind) => Some(kind.clone()),
            _ => None,
        };
        let own = self.each(Some("documents"), paper, |kind, cell| {
            items::paper(&kind, &values::text(cell)?)
        });
        documents.extend(own.into_iter().flatten());
        // The list belongs to its letter.
        if let Some(letter) = letter.filter(|_| documents.iter().all(|paper| paper.kind != "to-trinh")) {
            documents.insert(
                0,
                Document {
                    kind: "to-trinh".to_owned(),
                    file: None,
                    number: Some(letter.number.clone()),
                    date: Some(letter.date),
                    sha256: None,
                },
            );
        }
        documents
    }
}
