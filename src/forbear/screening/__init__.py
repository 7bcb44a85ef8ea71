"""Words that must not reach a person: found however they are disguised, with rule and place."""
