// The rules of a scenario, one function each, registered in checks.cpp.
#pragma once

#include "sim/scenario/checks.hpp"

namespace microdc::rules {

using Rule = void(const Scenario&, const CheckContext&, RuleFindings&);

// names.cpp
Rule something_everywhere;
Rule names_given;
Rule names_unique;

// references.cpp
Rule workload_pools_exist;
Rule pool_models_exist;
Rule pool_servers_exist;
Rule server_types_exist;
Rule links_exist;
Rule registered_names_exist;
Rule engines_suit_servers;
Rule number_formats_exist;
Rule prefill_decode_paired;

// retrieval.cpp
Rule knowledge_bases_exist;
Rule knowledge_base_parts_exist;

// routing.cpp
Rule cloud_places_known;
Rule complexity_targets_exist;
Rule spill_target_exists;
Rule policy_words_known;
Rule policy_has_a_jurisdiction;

// workloads.cpp
Rule generators_complete;
Rule lengths_consistent;
Rule lengths_fit_context;
Rule trace_files_exist;
Rule targets_consistent;
Rule currency_is_a_code;
Rule parts_without_effect;

// economics.cpp
Rule purchase_date_is_a_day;
Rule quotes_name_items;
Rule quotes_used;
Rule financing_consistent;
Rule cloud_offers_exist;

// capacity.cpp
Rule layouts_valid;
Rule tensor_parallel_within_server;
Rule devices_suffice;
Rule devices_used;
Rule owned_servers_are_there;
// memory.cpp
Rule weights_fit_memory;
Rule kv_cache_fits_memory;

}  // namespace microdc::rules
