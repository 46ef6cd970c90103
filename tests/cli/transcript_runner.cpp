// Runs the command lines of a transcript and compares what they print and return.
//
//   transcript_runner [--update] COMMAND ROOT FILE.transcript
//
// A transcript is a list of blocks:
//   # a comment
//   @file NAME        the lines up to "@end" are written to NAME in the working folder
//   $ microdc WORDS   a command line, run by the shell in an empty folder
//   > TEXT            a line of stdout;   ">..." stands for any lines
//   ! TEXT            a line of stderr;   "!..." stands for any lines
//   = 0               the exit code
// The source folder is written as @ROOT@. --update rewrites the expectations; "..." is kept where
// the lines around it still match.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct Setting {
  std::string command;
  std::string root;
  fs::path folder;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Lines lines_of(const fs::path& file) {
  std::ifstream stream(file);
  Lines lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Whether `expected`, where "..." stands for any number of lines, matches `actual`.
bool matches(const Lines& expected, std::size_t i, const Lines& actual, std::size_t k) {
  if (i == expected.size()) return k == actual.size();
  if (expected[i] == "...") {
    for (std::size_t rest = k; rest <= actual.size(); ++rest) {
      if (matches(expected, i + 1, actual, rest)) return true;
    }
    return false;
  }
  return k < actual.size() && expected[i] == actual[k] && matches(expected, i + 1, actual, k + 1);
}

struct Outcome {
  Lines out;
  Lines err;
  std::string code;
};

struct Step {
  std::string words;  ///< of the command line, behind "microdc"
  Outcome expected;
};

Outcome run(const Setting& setting, const std::string& words) {
  const std::string line = "cd '" + setting.folder.string() + "' && '" + setting.command + "' " +
                           replaced(words, "@ROOT@", setting.root) + " >.stdout 2>.stderr";
  const int status = std::system(line.c_str());
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? std::to_string(WEXITSTATUS(status)) : "killed";
  for (auto [file, lines] : {std::pair{".stdout", &outcome.out}, {".stderr", &outcome.err}}) {
    for (const std::string& text : lines_of(setting.folder / file)) {
      lines->push_back(replaced(text, setting.root, "@ROOT@"));
    }
  }
  return outcome;
}

void print(std::ostream& stream, const Lines& lines, char mark) {
  for (const std::string& line : lines) {
    stream << mark;
    if (!line.empty() && line != "...") stream << ' ';
    stream << line << "\n";
  }
}

void print(std::ostream& stream, const Outcome& outcome) {
  print(stream, outcome.out, '>');
  print(stream, outcome.err, '!');
  stream << "= " << outcome.code << "\n";
}

/// Runs one step; returns what the transcript should hold for it, and whether it held that.
std::pair<Outcome, bool> check(const Setting& setting, const Step& step) {
  Outcome actual = run(setting, step.words);
  const bool out = matches(step.expected.out, 0, actual.out, 0);
  const bool err = matches(step.expected.err, 0, actual.err, 0);
  const bool code = step.expected.code == actual.code;
  if (!out || !err || !code) {
    std::cout << "$ microdc " << step.words << "\n--- expected\n";
    print(std::cout, step.expected);
    std::cout << "--- actual\n";
    print(std::cout, actual);
  }
  if (out) actual.out = step.expected.out;
  if (err) actual.err = step.expected.err;
  return {actual, out && err && code};
}

class Transcript {
 public:
  Transcript(Setting setting, Lines lines)
      : setting_(std::move(setting)), lines_(std::move(lines)) {}

  /// Runs everything; false if something differed or nothing was run.
  bool play() {
    while (at_ < lines_.size()) {
      const std::string& line = lines_[at_];
      if (line.starts_with("@file "))
        write_file(line.substr(6));
      else if (line.starts_with("$ microdc"))
        play_step(line);
      else if (line.empty() || line.front() == '#')
        updated_ << lines_[at_++] << "\n";
      else
        return complain("this line has no meaning here: " + line);
    }
    return steps_ > 0 ? good_ : complain("there is no command in this transcript");
  }
  [[nodiscard]] std::string updated() const { return updated_.str(); }

 private:
  static bool complain(const std::string& message) {
    std::cout << message << "\n";
    return false;
  }
  void write_file(const std::string& name) {
    std::ofstream file(setting_.folder / name);
    updated_ << lines_[at_++] << "\n";
    for (; at_ < lines_.size() && lines_[at_] != "@end"; ++at_) {
      file << lines_[at_] << "\n";
      updated_ << lines_[at_] << "\n";
    }
    if (at_ < lines_.size()) updated_ << lines_[at_++] << "\n";
  }
  void play_step(const std::string& line) {
    Step step{line.size() > 10 ? line.substr(10) : "", {}};
    updated_ << line << "\n";
    for (++at_; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
      const std::string& next = lines_[at_];
      if (next.front() != '>' && next.front() != '!' && next.front() != '=') break;
      std::string text = next.substr(1);
      if (text.starts_with(' ')) text.erase(0, 1);
      if (next.front() == '=')
        step.expected.code = text;
      else
        (next.front() == '>' ? step.expected.out : step.expected.err).push_back(text);
    }
    const auto [outcome, good] = check(setting_, step);
    print(updated_, outcome);
    good_ = good_ && good;
    ++steps_;
  }

  Setting setting_;
  Lines lines_;
  std::size_t at_ = 0;
  int steps_ = 0;
  bool good_ = true;
  std::ostringstream updated_;
};

}  // namespace

int main(int argc, char** argv) {
  Lines words(argv + 1, argv + argc);
  const bool update = !words.empty() && words.front() == "--update";
  if (update) words.erase(words.begin());
  if (words.size() != 3) {
    std::cerr << "usage: transcript_runner [--update] COMMAND ROOT FILE.transcript\n";
    return 2;
  }
  const fs::path file = words[2];
  const fs::path folder = fs::current_path() / ("transcript-" + file.stem().string());
  fs::remove_all(folder);
  fs::create_directories(folder);
  setenv("MICRODC_HOME", words[1].c_str(), 1);
  // Absolute, as the command runs in a folder of its own.
  Transcript transcript({fs::absolute(words[0]).string(), words[1], folder}, lines_of(file));
  const bool good = transcript.play();
  fs::remove_all(folder);
  if (update) std::ofstream(file) << transcript.updated();
  return good ? 0 : 1;
}
