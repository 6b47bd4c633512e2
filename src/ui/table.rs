//! Lays rows out in columns, in the one style of the product: no lines, two spaces between.

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::out::Page;
use super::text::clean;

/// Rows under a header. All cells are outside text and are cleaned here.
#[derive(Debug, Clone)]
pub struct Table {
    header: Vec<&'static str>,
    numbers: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(header: &[&'static str]) -> Self {
        Self {
            header: header.to_vec(),
            numbers: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Lets a column (counted from 0) stand flush right, as numbers do.
    pub fn numbers_in(mut self, column: usize) -> Self {
        self.numbers.push(column);
        self
    }

    /// Adds a row; it has as many cells as the header.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells: Vec<String> = cells
            .into_iter()
            .map(|cell| clean(cell.as_ref()).into_owned())
            .collect();
        assert_eq!(
            cells.len(),
            self.header.len(),
            "a row has a cell for each column"
        );
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines. On a terminal long cells wrap; elsewhere every row is one line.
    pub fn render(&self, page: &Page) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(self.header.clone());
        match page.width {
            Some(width) => {
                table.set_content_arrangement(ContentArrangement::Dynamic);
                table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            }
            None => {
                table.set_content_arrangement(ContentArrangement::Disabled);
            }
        }
        table.add_rows(self.rows.iter().cloned());
        for index in 0..self.header.len() {
            let Some(column) = table.column_mut(index) else {
                continue;
            };
            column.set_padding((0, 2));
            if self.numbers.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut lines = table.lines();
        let mut text = page
            .style
            .strong(lines.next().unwrap_or_default().trim_end());
        for line in lines {
            text.push('\n');
            text.push_str(line.trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::out::Style;
    use unicode_width::UnicodeWidthStr;

    fn people() -> Table {
        let mut table = Table::new(&["name", "cards"]).numbers_in(1);
        table.row(["山田太郎", "7"]);
        table.row(["Ada", "1200"]);
        table
    }

    #[test]
    fn columns_line_up_by_what_is_seen() {
        let text = people().render(&Page {
            style: Style::Plain,
            width: None,
        });
        assert_eq!(text, "name      cards\n山田太郎      7\nAda        1200");
    }

    #[test]
    fn only_the_header_is_coloured() {
        let text = people().render(&Page {
            style: Style::Colored,
            width: None,
        });
        assert!(text.starts_with("\u{1b}[1mname      cards\u{1b}[0m\n"));
        assert_eq!(text.matches('\u{1b}').count(), 2);
    }

    #[test]
    fn a_cell_cannot_act_on_the_terminal_or_break_the_row() {
        let mut table = Table::new(&["name"]);
        table.row(["a\u{1b}[2Jb\nc"]);
        let text = table.render(&Page {
            style: Style::Plain,
            width: None,
        });
        assert_eq!(text, "name\na\\u{1b}[2Jb\\nc");
    }

    #[test]
    fn a_terminal_is_never_overrun_and_a_pipe_gets_whole_rows() {
        let mut table = Table::new(&["name", "note"]);
        table.row(["Ada", &"long words of a note ".repeat(10)]);
        let narrow = table.render(&Page {
            style: Style::Plain,
            width: Some(40),
        });
        assert!(narrow.lines().all(|line| line.width() <= 40), "{narrow}");
        let wide = table.render(&Page {
            style: Style::Plain,
            width: None,
        });
        assert_eq!(wide.lines().count(), 2);
    }
}
