use super::*;

fn cells(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_string()).collect()).collect()
}

fn printed(page: Page) -> String {
    String::from_utf8(page.0).expect("text")
}

fn fitted(rows: &[&[&str]], terminal: Option<usize>) -> String {
    let mut page = Page::default();
    page.fitted(&cells(rows), "  ", terminal);
    printed(page)
}

fn headed(terminal: Option<usize>) -> String {
    let mut page = Page::default();
    let rows = cells(&[&["curl", "52afbdc5-db15-485e", "a b"], &["nc", "3c7e32e6-6104-46d9", "c"]]);
    page.headed_fitted(&["name", "id", "title"], rows, terminal);
    printed(page)
}

#[test]
fn a_last_column_is_broken_below_itself_where_a_terminal_is_too_narrow() {
    let rows: &[&[&str]] = &[&["rarity", "the share of everything"], &["sum", "of all"]];
    assert_eq!(fitted(rows, None), "  rarity  the share of everything\n  sum     of all\n");
    assert_eq!(fitted(rows, Some(33)), fitted(rows, None));
    assert_eq!(
        fitted(rows, Some(32)),
        "  rarity  the share of\n          everything\n  sum     of all\n"
    );
    assert_eq!(fitted(rows, Some(1)), fitted(rows, Some(20)), "no narrower than can be read");
}

#[test]
fn a_table_with_headings_becomes_paragraphs_where_a_terminal_is_too_narrow() {
    let wide = "\
        name  id                  title\n\
        curl  52afbdc5-db15-485e  a b\n\
        nc    3c7e32e6-6104-46d9  c\n";
    assert_eq!(headed(None), wide);
    assert_eq!(headed(Some(31)), wide);
    assert_eq!(
        headed(Some(30)),
        "curl\n  id     52afbdc5-db15-485e\n  title  a b\n\n\
         nc\n  id     3c7e32e6-6104-46d9\n  title  c\n"
    );
}
