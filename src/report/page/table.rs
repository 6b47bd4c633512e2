//! Tables of a page, which keep being tables for a screen reader where a phone lays them out as blocks.

use maud::{Markup, html};

/// How many rows a long table has.
pub const LISTED: usize = 20;

/// How a table is laid out on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As a table, since its cells are short.
    Plain,
    /// Five columns: the first and the last get lines of their own.
    Blocks,
}

/// The name of a column.
pub enum Column {
    Text(&'static str),
    Number(&'static str),
}

/// What a cell holds.
pub enum Cell {
    /// What the row is about.
    Name(String),
    /// The same where it has no name.
    Nameless(String),
    /// Outside text.
    Text(String),
    /// A word of ours, which is never broken.
    Word(String),
    /// Several outside texts.
    Texts(Vec<String>),
    /// Figures, one below the other.
    Numbers(Vec<String>),
    /// A figure, and what it is where no header says so.
    Number(String, &'static str),
}

pub struct Table {
    pub caption: String,
    pub layout: Layout,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    pub total: Option<Vec<Cell>>,
}

impl Table {
    pub fn new(caption: &str, layout: Layout, columns: Vec<Column>) -> Table {
        Table {
            caption: caption.to_owned(),
            layout,
            columns,
            rows: Vec::new(),
            total: None,
        }
    }

    /// The table; only the first rows of a long one, and its caption says so.
    pub fn markup(&self) -> Markup {
        let all = self.rows.len();
        let class = match self.layout {
            Layout::Plain => "plain",
            Layout::Blocks => "blocks",
        };
        html! {
            table class=(class) role="table" {
                caption {
                    (self.caption)
                    @if all > LISTED { ", the first " (LISTED) " of " (all) }
                }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in &self.columns {
                            @match column {
                                Column::Text(name) => th scope="col" role="columnheader" { (name) },
                                Column::Number(name) => th.n scope="col" role="columnheader" { (name) },
                            }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in self.rows.iter().take(LISTED) { (line(row)) }
                }
                @if let Some(total) = &self.total {
                    tfoot role="rowgroup" { (line(total)) }
                }
            }
        }
    }
}

fn line(cells: &[Cell]) -> Markup {
    html! {
        tr role="row" {
            @for cell in cells {
                @match cell {
                    Cell::Name(name) => th scope="row" role="rowheader" { bdi { (name) } },
                    Cell::Nameless(name) => th.none scope="row" role="rowheader" { (name) },
                    Cell::Text(text) => td role="cell" {
                        @if !text.is_empty() { bdi { (text) } }
                    },
                    Cell::Word(word) => td.w role="cell" { (word) },
                    Cell::Texts(texts) => td role="cell" {
                        @for (at, text) in texts.iter().enumerate() {
                            @if at > 0 { ", " }
                            bdi { (text) }
                        }
                    },
                    Cell::Numbers(numbers) => td.n role="cell" {
                        @for number in numbers { span { (number) } }
                    },
                    Cell::Number(number, what) => td.n role="cell" {
                        @if !number.is_empty() {
                            (number)
                            @if !what.is_empty() { span.what { " " (what) } }
                        }
                    },
                }
            }
        }
    }
}
