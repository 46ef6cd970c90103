#include "calibrate/kernel_table.hpp"

#include <gtest/gtest.h>

namespace microdc {
namespace {

const std::string header =
    "source,gpu,engine,engine_version,op,dtype,kv_dtype,m,n,k,batch,q_len,kv_len,n_q_heads,"
    "n_kv_heads,head_dim,num_gpus,message_bytes,latency_us,bytes,method\n";
const std::string gemm_row = "lab,alpha,vLLM_x,1.0,gemm,bf16,,64,1024,2048,,,,,,,,,12.5,,mean\n";

KernelTable parsed(const std::string& rows) {
  auto table = parse_kernel_table(header + rows, "kernels.csv");
  EXPECT_TRUE(table.ok()) << to_text(table.diagnostics());
  return table ? *table : KernelTable{};
}

TEST(KernelTable, ReadsEveryOperation) {
  const KernelTable table =
      parsed(gemm_row +
             "lab,alpha,vllm,1.0,attention_decode,bf16,fp8,,,,32,1,2048,8,2,128,,,50,,mean\n"
             "lab,alpha,vllm,1.0,attention_prefill,bf16,,,,,2,512,1024,8,2,128,,,80,,mean\n"
             "lab,alpha,NCCL,2,all_reduce,bf16,,,,,,,,,,,4,1048576,33,,mean\n"
             "lab,alpha,torch,2,elementwise_add,fp16,,16,4096,,,,,,,,,,3,393216,mean\n");
  ASSERT_EQ(table.rows.size(), 5u);
  EXPECT_EQ(table.lines, 5);
  EXPECT_TRUE(table.dropped.empty());
  const KernelRow& gemm = table.rows[0];
  EXPECT_EQ(gemm.operation, KernelOperation::gemm);
  EXPECT_EQ(gemm.engine, "vllm-x");
  EXPECT_EQ(gemm.k, 2048);
  EXPECT_DOUBLE_EQ(gemm.seconds, 12.5e-6);
  EXPECT_EQ(table.rows[1].kv_format, NumberFormat::fp8);
  EXPECT_EQ(table.rows[1].queries, 1);
  EXPECT_EQ(table.rows[2].kv_format, NumberFormat::bf16);
  EXPECT_EQ(table.rows[3].group, 4);
  EXPECT_EQ(table.rows[4].bytes, 393216);
}

TEST(KernelTable, CountsEveryDroppedRowWithItsReason) {
  const KernelTable table =
      parsed(gemm_row + "lab,alpha,vllm,1,gemm,bf16,,,1024,2048,,,,,,,,,12,,mean\n" +
             "lab,alpha,vllm,1,gemm,bf16,,64,1024,2048,,,,,,,,,-3,,mean\n" +
             "lab,alpha,vllm,1,gemm,bf16,,64,1024,2048,,,,,,,,,nan,,mean\n" +
             "lab,alpha,vllm,1,gemm,complex,,64,1024,2048,,,,,,,,,12,,mean\n" +
             "lab,alpha,vllm,1,sorting,bf16,,64,1024,2048,,,,,,,,,12,,mean\n" +
             "lab,,vllm,1,gemm,bf16,,64,1024,2048,,,,,,,,,12,,mean\n" +
             "lab,alpha,vllm,1,attention_prefill,bf16,,,,,1,512,128,8,2,128,,,80,,mean\n" +
             "lab,alpha,nccl,1,all_reduce,bf16,,,,,,,,,,,1,1024,5,,mean\n" + "lab,alpha\n");
  EXPECT_EQ(table.lines, 10);
  EXPECT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.dropped.at("m is missing"), 1);
  EXPECT_EQ(table.dropped.at("latency_us is not a positive number"), 2);
  EXPECT_EQ(table.dropped.at("unknown number format \"complex\""), 1);
  EXPECT_EQ(table.dropped.at("unknown operation \"sorting\""), 1);
  EXPECT_EQ(table.dropped.at("gpu is missing"), 1);
  EXPECT_EQ(table.dropped.at("q_len is larger than kv_len"), 1);
  EXPECT_EQ(table.dropped.at("all_reduce of one GPU"), 1);
  EXPECT_EQ(table.dropped.at("wrong number of fields"), 1);
}

TEST(KernelTable, ReadsQuotedFieldsByteOrderMarksAndCarriageReturns) {
  std::string text = "\xEF\xBB\xBF";
  text += header.substr(0, header.size() - 1);
  text += "\r\n\"lab, \"\"north\"\"\"";
  text += gemm_row.substr(3);
  const auto table = parse_kernel_table(text, "kernels.csv");
  ASSERT_TRUE(table.ok()) << to_text(table.diagnostics());
  EXPECT_EQ(table->rows.at(0).source, "lab, \"north\"");
}

TEST(KernelTable, NamesMissingColumns) {
  const auto table = parse_kernel_table("gpu,op\nalpha,gemm\n", "kernels.csv");
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.diagnostics().items().size(), 3u);  // latency_us, engine, dtype
  EXPECT_EQ(table.diagnostics().items().front().file, "kernels.csv");
}

TEST(KernelTable, IsAnErrorWithoutUsableRows) {
  EXPECT_FALSE(parse_kernel_table("", "kernels.csv").ok());
  EXPECT_FALSE(parse_kernel_table(header, "kernels.csv").ok());
  const auto table = parse_kernel_table(header + "lab,alpha\n", "kernels.csv");
  ASSERT_FALSE(table.ok());
  EXPECT_NE(table.diagnostics().items().front().found.find("wrong number of fields"),
            std::string::npos);
  EXPECT_FALSE(read_kernel_table("/no/such/file.csv").ok());
}

}  // namespace
}  // namespace microdc
