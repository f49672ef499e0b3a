//! Reads the files in `tests/files`: `valid_…` has no finding at all, `fault_RULE…` has that finding.

use countersign_edi::{Rule, Tree, read};

fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files");
    std::fs::read_dir(folder).expect("the folder of test files").map(|entry| {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read(path).expect("a readable file"))
    })
}

#[test]
fn each_file_is_what_its_name_says() {
    let mut seen = 0;
    for (name, input) in files() {
        seen += 1;
        let report = read(&input);
        let told = report.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match name.split_once('_') {
            Some(("valid", _)) => assert!(report.findings.is_empty(), "{name}: {told}"),
            Some(("fault", id)) => {
                let rule = Rule::from_id(id).unwrap_or_else(|| panic!("{id} is no rule"));
                assert!(report.findings.iter().any(|finding| finding.rule == rule), "{name}: {told}");
            }
            _ => panic!("{name} must begin with valid_ or fault_"),
        }
    }
    assert!(seen > 30);
}

#[test]
fn each_file_is_written_again_byte_for_byte() {
    for (name, input) in files() {
        let tree = Tree::read(&input).expect("an interchange");
        assert_eq!(tree.write(), input, "{name}");
        assert_eq!(Tree::from_json(&tree.to_json()).expect("its own JSON"), tree, "{name}");
    }
}
