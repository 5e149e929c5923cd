#pragma once
// Attention maps of the same sentences at several steps of a training run: <run>/attention/step_00001000.json, written
// by `heddle train` where train.attention_every says so, and read again to show how heads found what they look at.

#include <filesystem>

#include "heddle/inspect/findings.h"
#include "heddle/inspect/subject.h"

namespace heddle::inspect {

// One file, replaced if it is there.
void write_attention_snapshot(const std::filesystem::path& run, int64_t step, const Subject& subject,
                              const Examples& examples, const text::Tokenizer& tokenizer);

// The entropy and diagonal mass of every attention by step, and its mean map of the first sentence at every step, for
// attentions whose name holds `where`. Throws InputError where the run has no snapshots.
Findings snapshot_findings(const std::filesystem::path& run, const std::string& where);

}  // namespace heddle::inspect
