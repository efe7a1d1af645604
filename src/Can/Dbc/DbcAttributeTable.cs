using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>The attributes of one kind of owner, each value checked against its definition.</summary>
internal sealed class DbcAttributeTable<TOwner>
    where TOwner : notnull
{
    private readonly DbcAttributeStatements<TOwner> _statements;
    private readonly string? _fileName;
    private readonly Dictionary<string, DbcAttributeDefinition> _definitions = [];
    private readonly Dictionary<TOwner, DbcAttribute[]> _attributes = [];

    /// <exception cref="DbcException">A value has no definition, or is no number where its definition wants one.</exception>
    public DbcAttributeTable(DbcAttributeStatements<TOwner> statements, string? fileName, DbcWarnings warnings)
    {
        _statements = statements;
        _fileName = fileName;
        foreach (var (name, declared) in statements.Definitions)
        {
            // The default of an enumeration is one of its texts, while a value is its index.
            DbcAttributeValue? value = null;
            if (statements.Defaults.TryGetValue(name, out var statement))
            {
                value = declared.Type == DbcAttributeType.Enumeration ? Choice(declared, statement.Text) : Read(declared, statement);
            }

            _definitions.Add(name, new DbcAttributeDefinition(name, declared.Owner, declared.Type, declared.Minimum, declared.Maximum, declared.Choices, value));
        }

        foreach (var statement in statements.Defaults.Values.Where(statement => !_definitions.ContainsKey(statement.Attribute)))
        {
            warnings.Add(DbcWarningKind.UnknownReference, statement.Position, NotDefined(statement));
        }

        foreach (var (owner, own) in statements.Values) _attributes.Add(owner, [.. own.Values.Select(Resolve)]);
    }

    public IReadOnlyCollection<DbcAttributeDefinition> Definitions => _definitions.Values;

    public IEnumerable<(TOwner Owner, DbcAttribute Attribute)> All =>
        _attributes.SelectMany(pair => pair.Value.Select(attribute => (pair.Key, attribute)));

    /// <summary>The attributes that an owner has of its own.</summary>
    public IReadOnlyList<DbcAttribute> Of(TOwner owner) => _attributes.GetValueOrDefault(owner) ?? [];

    /// <summary>An attribute's own value, or its default; null if there is neither.</summary>
    public DbcAttributeValue? Find(TOwner owner, string attribute) => FindOwn(owner, attribute) ?? _definitions.GetValueOrDefault(attribute)?.Default;

    /// <summary>An attribute's own value; null if there is none.</summary>
    public DbcAttributeValue? FindOwn(TOwner owner, string attribute)
    {
        foreach (var own in _attributes.GetValueOrDefault(owner) ?? [])
        {
            if (own.Name == attribute) return own.Value;
        }

        return null;
    }

    public DbcAttributeDefinition? Definition(string attribute) => _definitions.GetValueOrDefault(attribute);

    /// <summary>Where the file says what <see cref="Find"/> gives.</summary>
    public DbcPosition PositionOf(TOwner owner, string attribute) =>
        _statements.Values.GetValueOrDefault(owner)?.GetValueOrDefault(attribute)?.Position ?? _statements.Defaults[attribute].Position;

    private DbcAttribute Resolve(DbcAttributeStatement statement)
    {
        if (!_definitions.TryGetValue(statement.Attribute, out var definition)) throw Error(statement, NotDefined(statement));
        return new DbcAttribute(definition, Read(_statements.Definitions[statement.Attribute], statement));
    }

    private DbcAttributeValue Read(DbcAttributeDeclaration declared, DbcAttributeStatement statement)
    {
        var text = statement.Text;
        if (declared.Type == DbcAttributeType.Text) return new DbcAttributeValue(text, null, null);

        var isFloat = declared.Type == DbcAttributeType.RealNumber;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || (!isFloat && !double.IsFinite(number)))
        {
            throw Error(statement, $"expected a number, as the attribute \"{DbcText.Show(statement.Attribute)}\" is of type {Keyword(declared.Type)}, "
                + $"found \"{DbcText.Show(text)}\"");
        }

        // An integer is cut to its whole part, as cantools does it.
        if (!isFloat) number = Math.Truncate(number);
        var integer = DbcNumber.WholeOf(text, number);
        if (declared.Type != DbcAttributeType.Enumeration) return new DbcAttributeValue(text, number, integer);
        var isChoice = number >= 0 && number < declared.Choices.Count;
        return new DbcAttributeValue(isChoice ? declared.Choices[(int)number] : text, number, integer);
    }

    private static DbcAttributeValue Choice(DbcAttributeDeclaration declared, string text)
    {
        var index = declared.Choices.ToList().IndexOf(text);
        return index < 0 ? new DbcAttributeValue(text, null, null) : new DbcAttributeValue(text, index, index);
    }

    private static string Keyword(DbcAttributeType type) => type switch
    {
        DbcAttributeType.WholeNumber => "INT",
        DbcAttributeType.Hexadecimal => "HEX",
        DbcAttributeType.Enumeration => "ENUM",
        _ => "FLOAT",
    };

    private static string NotDefined(DbcAttributeStatement statement) => $"the attribute \"{DbcText.Show(statement.Attribute)}\" is not defined";

    private DbcException Error(DbcAttributeStatement statement, string problem) =>
        new(_fileName, statement.Position.Line, statement.Position.Column, problem);
}
