//! Says where a JSON value does not fit a schema, as far as our schemas go (JSON Schema 2020-12).

use serde_json::{Map, Value};

/// Checks a value against a schema document.
///
/// # Errors
/// The path of the first value that does not fit, and why.
pub fn fits(document: &Value, value: &Value) -> Result<(), String> {
    check(document, document, value, "$")
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Value::Object(rules) = schema else {
        return if schema == &Value::Bool(false) {
            Err(format!("{at}: not allowed"))
        } else {
            Ok(())
        };
    };
    let both = with_target(document, rules);
    let rules = both.as_ref().unwrap_or(rules);
    for (rule, argument) in rules {
        match (rule.as_str(), argument) {
            ("$ref", Value::String(target)) => {
                let target = document.pointer(target.trim_start_matches('#'));
                check(
                    document,
                    target.ok_or(format!("{at}: {argument} is nowhere"))?,
                    value,
                    at,
                )?;
            }
            ("type", kinds) => check_type(kinds, value, at)?,
            ("enum", Value::Array(values)) if !values.contains(value) => {
                return Err(format!("{at}: {value} is none of {argument}"));
            }
            ("const", wanted) if wanted != value => {
                return Err(format!("{at}: {value} is not {wanted}"));
            }
            ("anyOf" | "oneOf", Value::Array(choices)) => {
                let tried: Vec<_> = choices
                    .iter()
                    .map(|choice| check(document, choice, value, at))
                    .collect();
                if tried.iter().all(Result::is_err) {
                    return tried.into_iter().next().unwrap_or(Ok(()));
                }
            }
            ("items", items) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, items, item, &format!("{at}[{index}]"))?;
                }
            }
            ("properties" | "required" | "additionalProperties", _) => {
                if let Value::Object(members) = value {
                    check_members(document, rules, members, at)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The rules together with those of the schema that they refer to, where both name members: a
/// member may be named by either.
fn with_target(document: &Value, rules: &Map<String, Value>) -> Option<Map<String, Value>> {
    rules.get("properties")?;
    let target = rules.get("$ref")?.as_str()?.trim_start_matches('#');
    let mut both = document.pointer(target)?.as_object()?.clone();
    for (rule, argument) in rules.iter().filter(|(rule, _)| *rule != "$ref") {
        match (both.get_mut(rule), argument) {
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more.clone()),
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.clone()),
            _ => {
                both.insert(rule.clone(), argument.clone());
            }
        }
    }
    Some(both)
}

fn check_type(kinds: &Value, value: &Value, at: &str) -> Result<(), String> {
    let is = |kind: &Value| match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("null") => value.is_null(),
        _ => false,
    };
    let fits = kinds
        .as_array()
        .map_or_else(|| is(kinds), |kinds| kinds.iter().any(is));
    if fits {
        Ok(())
    } else {
        Err(format!("{at}: {value} is no {kinds}"))
    }
}

/// Our schemas name every member; one that they do not name is a mistake of the schema.
fn check_members(
    document: &Value,
    rules: &Map<String, Value>,
    members: &Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    for name in rules
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if !name.as_str().is_some_and(|name| members.contains_key(name)) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    let named = rules.get("properties").and_then(Value::as_object);
    for (name, member) in members {
        let schema = named
            .and_then(|named| named.get(name))
            .or_else(|| rules.get("additionalProperties"))
            .ok_or_else(|| format!("{at}: the schema does not know {name}"))?;
        check(document, schema, member, &format!("{at}.{name}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fits;
    use serde_json::json;

    #[test]
    fn a_variant_names_its_kind_beside_what_it_refers_to() {
        let schema = json!({
            "oneOf": [{
                "type": "object", "required": ["kind"], "$ref": "#/$defs/one",
                "properties": {"kind": {"const": "one"}}
            }],
            "$defs": {"one": {
                "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}
            }}
        });
        assert_eq!(fits(&schema, &json!({"kind": "one", "n": 1})), Ok(()));
        for wrong in [
            json!({"n": 1}),
            json!({"kind": "one"}),
            json!({"kind": "one", "n": 1, "m": 1}),
        ] {
            assert!(fits(&schema, &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_missing_an_unknown_and_a_wrong_member_do_not_fit() {
        let schema = json!({
            "type": "object", "required": ["n"],
            "properties": {"n": {"$ref": "#/$defs/number"}},
            "$defs": {"number": {"type": ["integer", "null"]}}
        });
        assert_eq!(fits(&schema, &json!({"n": 1})), Ok(()));
        assert_eq!(fits(&schema, &json!({"n": null})), Ok(()));
        for wrong in [
            json!({}),
            json!({"n": 1, "m": 1}),
            json!({"n": "1"}),
            json!([]),
        ] {
            assert!(fits(&schema, &wrong).is_err(), "{wrong}");
        }
    }
}
