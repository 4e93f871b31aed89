namespace DcosIsolation.Daemon.IptablesCommand;

/// <summary>
/// Reads words as getopt_long does: letters can stand together, a value behind its letter or an equals sign, and a long name can be cut
/// short as long as only one begins so.
/// </summary>
/// <param name="words">The words.</param>
/// <param name="options">The options that there are.</param>
/// <param name="exitCode">The exit status of a mistake.</param>
internal sealed class OptionReader(IReadOnlyList<string> words, KnownOption[] options, int exitCode)
{
    /// <summary>Stands for a word that is no option.</summary>
    public const char Operand = '\0';

    private string _letters = "";
    private int _letter;
    private bool _onlyOperands;

    /// <summary>The index of the word that the last option began in.</summary>
    public int Start { get; private set; }

    /// <summary>The index of the next word.</summary>
    public int Next { get; private set; }

    /// <summary>The value of the last option, or the operand.</summary>
    public string? Value { get; private set; }

    /// <summary>Reads the next option or operand.</summary>
    /// <exception cref="IptablesFailure">There is no such option, or its value is missing.</exception>
    public bool TryRead(out char letter)
    {
        Value = null;
        letter = Operand;
        if (_letter < _letters.Length)
        {
            letter = ReadLetter();
            return true;
        }

        if (Next == words.Count)
        {
            return false;
        }

        Start = Next;
        string word = words[Next++];
        if (_onlyOperands || word is not ['-', _, ..])
        {
            Value = word;
            return true;
        }

        if (word == "--")
        {
            _onlyOperands = true;
            return TryRead(out letter);
        }

        if (word[1] == '-')
        {
            letter = ReadName(word);
            return true;
        }

        (_letters, _letter) = (word, 1);
        letter = ReadLetter();
        return true;
    }

    /// <summary>Reads the next word if it can be a further argument of the last option: null if it is an option, or an inversion.</summary>
    public string? ReadArgument() =>
        _letter >= _letters.Length && Next < words.Count && words[Next] is not ['-' or '!', ..] ? words[Next++] : null;

    private char ReadLetter()
    {
        char letter = _letters[_letter++];
        foreach (KnownOption option in options)
        {
            if (option.Letter == letter)
            {
                if (option.Argument != OptionArgument.None && _letter < _letters.Length)
                {
                    Value = _letters[_letter..];
                    _letter = _letters.Length;
                }

                ReadValue(option, $"-{letter}");
                return letter;
            }
        }

        throw Mistake($"there is no option -{letter}");
    }

    private char ReadName(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = word[2..(equals < 0 ? word.Length : equals)];
        KnownOption option = Find(name);
        if (equals >= 0)
        {
            Value = option.Argument == OptionArgument.None
                ? throw Mistake($"the option --{option.Name} takes no value")
                : word[(equals + 1)..];
        }

        ReadValue(option, $"--{option.Name}");
        return option.Letter;
    }

    private void ReadValue(KnownOption option, string spelling)
    {
        if (Value is not null || option.Argument == OptionArgument.None)
        {
            return;
        }

        if (option.Argument == OptionArgument.Optional)
        {
            Value = ReadArgument();
            return;
        }

        Value = Next < words.Count
            ? words[Next++]
            : throw Mistake($"the option {spelling} takes a value");
    }

    private KnownOption Find(string name)
    {
        KnownOption? found = null;
        foreach (KnownOption option in options)
        {
            if (option.Name == name)
            {
                return option;
            }

            if (option.Name.StartsWith(name, StringComparison.Ordinal))
            {
                found = found is null || found.Value.Letter == option.Letter
                    ? option
                    : throw Mistake($"--{name} can be --{found.Value.Name} and --{option.Name}");
            }
        }

        return found ?? throw Mistake($"there is no option --{name}");
    }

    private IptablesFailure Mistake(string message) => new(message, exitCode);
}
